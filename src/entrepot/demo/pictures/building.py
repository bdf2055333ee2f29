"""Pictures of building materials, tools and fasteners."""

from __future__ import annotations

import itertools
from typing import Final

from entrepot.demo.pictures.canvas import (
    COAL,
    GOLD,
    INK,
    PAPER,
    RED,
    SILVER,
    STEEL,
    WHITE,
    WOOD,
    Canvas,
    Shapes,
    bar,
    bent,
    dark,
    light,
    turned,
)


def cement_bag(c: Canvas) -> None:
    c.shadow(130, 470)
    c.soft([(150, 96), (450, 96), (476, 180), (464, 490), (136, 490), (124, 180)], (216, 193, 156))
    c.form([(150, 108), (450, 108), (462, 150), (138, 150)], (190, 164, 124))
    c.line([(150, 136), (450, 136)], STEEL, 4)
    c.form([(136, 200), (464, 200), (462, 400), (138, 400)], c.main)
    c.form([(214, 360), (214, 296), (300, 236), (386, 296), (386, 360)], PAPER if sum(c.main) < 600 else c.deep)
    c.box(272, 306, 328, 360, c.main)
    for row in range(2):
        for column in range(2):
            c.box(232 + column * 110, 306 + row * 26, 254 + column * 110, 326 + row * 26, c.light)
    c.line([(190, 432), (410, 432)], INK, 9)
    c.line([(230, 456), (370, 456)], STEEL, 6)


def _block(c: Canvas, x: float, y: float, width: float, height: float, depth: float, *, shade: float = 0) -> None:
    """A cuboid; x, y is the upper left corner of its front."""
    main = dark(c.main, shade) if shade else c.main
    c.form(
        [(x, y), (x + depth, y - depth * 0.5), (x + width + depth, y - depth * 0.5), (x + width, y)], light(main, 0.28)
    )
    c.form(
        [
            (x + width, y),
            (x + width + depth, y - depth * 0.5),
            (x + width + depth, y + height - depth * 0.5),
            (x + width, y + height),
        ],
        dark(main, 0.25),
    )
    c.form([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], main)


def brick(c: Canvas) -> None:
    c.shadow(80, 520, 456)
    for x, y, shade in ((86, 376, 0.05), (286, 376, 0.12), (186, 296, 0), (110, 216, 0.08), (300, 216, 0.03)):
        _block(c, x, y, 190, 72, 36, shade=shade)
        for offset in (40, 96, 140):
            c.disc(x + offset, y + 24 + offset % 28, 3, dark(c.main, 0.3))


def block(c: Canvas) -> None:
    c.shadow(80, 530, 466)
    _block(c, 90, 270, 350, 190, 80)
    for left in (140, 290):
        c.form([(left, 252), (left + 30, 238), (left + 130, 238), (left + 106, 252)], dark(c.main, 0.5))
    for x, y in ((140, 320), (220, 400), (300, 340), (380, 420), (180, 430), (400, 310), (260, 300), (340, 390)):
        c.disc(x, y, 4, c.dark)


def stone_tile(c: Canvas) -> None:
    c.shadow(110, 490, 470)
    for row, cuts in enumerate(((0, 150, 260, 380), (0, 90, 220, 380), (0, 170, 290, 380), (0, 110, 250, 380))):
        top = 120 + row * 86
        for index, (left, right) in enumerate(itertools.pairwise(cuts)):
            shade = ((row * 3 + index * 2) % 5) * 0.05
            c.box(110 + left, top, 106 + right, top + 80, dark(c.main, shade), 8)
            c.line([(126 + left, top + 16), (130 + (left + right) / 2, top + 20)], light(c.main, 0.4), 4)


def paving(c: Canvas) -> None:
    for row in range(6):
        for column in range(4):
            left = 100 + column * 104 + (row % 2) * 52 - 26
            top = 112 + row * 64
            shade = 0.02 + ((row * 2 + column * 3) % 4) * 0.07
            c.soft([(left, top), (left + 104, top - 6), (left + 104, top + 66), (left, top + 60)], dark(c.main, shade))
            c.box(
                left + 6, top + 6, left + 96, top + 54, light(c.main, 0.1) if shade < 0.1 else dark(c.main, shade), 12
            )


def planks(c: Canvas) -> None:
    c.shadow(70, 530, 450)
    for index in range(5):
        y = 190 + index * 50
        shade = (index % 3) * 0.07
        c.form(
            [(70 + index * 8, y), (440 + index * 8, y - 60), (530, y - 44), (160, y + 18)], light(c.main, 0.2 - shade)
        )
        c.form([(70 + index * 8, y), (160, y + 18), (160, y + 50), (70 + index * 8, y + 32)], c.dark)
        c.form([(160, y + 18), (530, y - 44), (530, y - 12), (160, y + 50)], dark(c.main, shade))
        c.line([(190, y + 30), (500, y - 22)], dark(c.main, shade + 0.14), 3)
        c.arc(115, y + 26, 9, 0, 300, c.deep, 3)


def plywood(c: Canvas) -> None:
    c.shadow(120, 490, 474)
    for index in range(3):
        x, y = 130 + index * 36, 100 + index * 26
        c.box(x, y, x + 270, y + 310, c.dark, 4)
        c.box(x, y, x + 262, y + 304, light(c.main, 0.1 * (2 - index)), 4)
    for x in (230, 300, 370, 430):
        c.curve([(x, 166), (x + 24, 290), (x - 12, 380), (x + 10, 446)], dark(c.main, 0.14), 4)
    c.box(196, 456, 474, 470, PAPER)
    for y in (460, 465):
        c.line([(198, y), (472, y)], c.deep, 2)


def flooring(c: Canvas) -> None:
    c.shadow(110, 490, 470)
    for row in range(6):
        for column in range(2):
            left = 100 + column * 200 - (row % 2) * 76
            right = min(500, left + 196)
            left = max(100, left)
            top = 116 + row * 58
            shade = ((row * 3 + column * 2) % 4) * 0.07
            c.box(left, top, right, top + 54, dark(c.main, shade))
            c.line([(left + 14, top + 18), (right - 20, top + 16)], dark(c.main, shade + 0.12), 3)
            c.line([(left + 30, top + 38), (right - 14, top + 40)], dark(c.main, shade + 0.12), 3)
    for row, shade in ((1, 0.1), (3, 0.04), (5, 0.16)):
        c.box(424, 116 + row * 58, 500, 170 + row * 58, dark(c.main, shade))


def insulation_roll(c: Canvas) -> None:
    c.shadow(100, 500, 456)
    c.form([(250, 250), (520, 390), (520, 440), (230, 440)], light(c.main, 0.2))
    c.form([(250, 420), (520, 420), (520, 446), (250, 446)], c.dark)
    c.disc(220, 310, 138, c.dark)
    c.disc(220, 310, 126, c.main)
    for radius in (104, 80, 56, 32):
        c.ring(220, 310, radius, c.dark, 7)
    c.disc(220, 310, 16, c.deep)
    for x, y in ((330, 340), (390, 390), (440, 400), (340, 400), (480, 420)):
        c.curve([(x, y), (x + 14, y - 10), (x + 26, y + 4)], c.dark, 4)


def insulation_slab(c: Canvas) -> None:
    c.shadow(90, 520, 466)
    for index in range(4):
        _block(c, 96, 380 - index * 76, 330, 68, 84, shade=(index % 2) * 0.08)
        for x in range(130, 420, 44):
            c.line([(x, 396 - index * 76), (x + 12, 404 - index * 76)], dark(c.main, 0.16), 4)
            c.line([(x - 14, 424 - index * 76), (x - 4, 430 - index * 76)], light(c.main, 0.4), 4)


def spray_can(c: Canvas) -> None:
    c.shadow(200, 400)
    c.box(276, 86, 324, 124, INK, 8)
    c.box(288, 64, 312, 96, RED, 6)
    c.slice(216, 116, 384, 240, 180, 360, SILVER)
    c.box(216, 176, 384, 474, c.main, 14)
    c.box(216, 176, 252, 474, c.light, 12)
    c.box(216, 230, 384, 400, PAPER)
    c.soft([(250, 260), (350, 250), (366, 330), (300, 360), (240, 330)], (255, 224, 150))
    c.line([(244, 374), (356, 374)], INK, 8)
    c.box(216, 460, 384, 478, STEEL, 6)


def roof_sheet(c: Canvas) -> None:
    c.shadow(80, 520, 460)
    for index in range(7):
        left = 90 + index * 56
        c.form([(left, 420), (left + 20, 400), (left + 100, 170), (left + 80, 190)], c.light)
        c.form([(left + 20, 400), (left + 42, 400), (left + 122, 170), (left + 100, 170)], c.main)
        c.form([(left + 42, 400), (left + 58, 424), (left + 138, 194), (left + 122, 170)], c.deep)
        c.disc(left + 60, 290, 5, SILVER)


def sandwich_panel(c: Canvas) -> None:
    c.shadow(80, 530, 466)
    c.form([(90, 330), (200, 180), (520, 180), (430, 330)], c.light)
    for x in (180, 270, 360):
        c.form([(x - 10, 330), (x + 92, 180), (x + 110, 180), (x + 14, 330)], c.main)
    c.box(90, 326, 430, 346, c.dark)
    c.box(90, 346, 430, 430, (250, 220, 130))
    c.box(90, 430, 430, 446, c.dark)
    c.form([(430, 330), (520, 180), (520, 296), (430, 446)], c.deep)
    c.form([(430, 350), (520, 200), (520, 276), (430, 426)], (222, 186, 96))


def roof_tile(c: Canvas) -> None:
    c.shadow(90, 510, 474)
    for row in range(4):
        for column in range(4):
            left = 96 + column * 102 + (row % 2) * 20 - 10
            top = 110 + row * 90
            shade = ((row + column * 2) % 3) * 0.08
            c.box(left, top, left + 96, top + 112, dark(c.main, shade), 40)
            c.box(left, top, left + 96, top + 70, dark(c.main, shade), 12)
            c.line([(left + 30, top + 14), (left + 30, top + 86)], light(c.main, 0.25), 8)
            c.arc(left + 48, top + 70, 46, 20, 160, c.deep, 5)


def membrane_roll(c: Canvas) -> None:
    c.shadow(110, 490, 456)
    c.form([(170, 430), (430, 430), (500, 456), (110, 456)], dark(c.main, 0.4))
    c.box(150, 150, 450, 440, c.main, 70)
    c.box(150, 150, 200, 440, c.light, 60)
    c.box(180, 150, 230, 440, c.main)
    for y in range(180, 430, 26):
        for x in range(210 + (y // 26 % 2) * 14, 430, 28):
            c.disc(x, y, 3, c.light)
    c.oval(380, 150, 470, 440, c.dark)
    for size in (0.75, 0.5, 0.25):
        c.loop(425 - 45 * size, 295 - 145 * size, 425 + 45 * size, 295 + 145 * size, c.light, 5)


def gutter(c: Canvas) -> None:
    c.shadow(90, 510, 470)
    c.form([(90, 200), (450, 150), (510, 176), (150, 232)], c.dark)
    c.form([(150, 232), (510, 176), (490, 250), (170, 312)], c.main)
    c.form([(150, 232), (510, 176), (508, 190), (154, 248)], c.light)
    for x in (230, 380):
        c.arc(x, 238, 46, 30, 150, INK, 10)
    c.box(286, 276, 342, 470, c.main, 8)
    c.box(286, 276, 304, 470, c.light, 6)
    c.box(278, 340, 350, 356, INK, 5)
    c.form([(286, 452), (342, 452), (380, 478), (324, 478)], c.dark)
    for x, y in ((210, 360), (230, 410), (200, 440)):
        c.soft([(x, y - 20), (x + 12, y + 6), (x, y + 16), (x - 12, y + 6)], (110, 170, 216))


def window(c: Canvas) -> None:
    c.shadow(150, 450)
    c.form([(150, 140), (430, 90), (450, 440), (170, 476)], (196, 142, 92))
    c.form([(176, 164), (406, 122), (424, 416), (192, 446)], c.main)
    c.form([(176, 300), (300, 136), (348, 130), (182, 380)], WHITE)
    c.form([(280, 430), (414, 250), (420, 300), (330, 424)], light(c.main, 0.6))
    c.line([(240, 190), (340, 172)], STEEL, 12)


def pipe(c: Canvas) -> None:
    c.shadow(90, 510, 450)
    for y, x in ((390, 110), (390, 190), (320, 150), (390, 270), (320, 230), (250, 190)):
        c.form([(x, y - 38), (x + 200, y - 100), (x + 230, y - 30), (x + 10, y + 38)], c.dark)
        c.form([(x, y - 38), (x + 200, y - 100), (x + 210, y - 76), (x + 8, y - 14)], c.light)
        c.disc(x, y, 38, c.main)
        c.disc(x, y, 24, c.deep)


def valve(c: Canvas) -> None:
    c.shadow(120, 480, 440)
    c.box(100, 280, 500, 380, c.main, 14)
    c.box(100, 280, 500, 304, c.light, 10)
    for left in (92, 446):
        c.form([(left, 262), (left + 62, 262), (left + 62, 398), (left, 398)], c.dark)
        for x in range(8, 60, 12):
            c.line([(left + x, 268), (left + x, 392)], c.deep, 3)
    c.disc(300, 330, 84, c.main)
    c.disc(300, 330, 60, c.light)
    c.box(284, 190, 316, 270, STEEL, 4)
    c.soft([(170, 150), (430, 150), (430, 216), (170, 216)], RED)
    c.disc(300, 184, 16, STEEL)


def tap(c: Canvas) -> None:
    c.shadow(180, 420)
    c.box(196, 452, 350, 476, c.dark, 10)
    c.box(238, 240, 308, 460, c.main, 10)
    c.box(238, 240, 258, 460, c.light, 8)
    c.curve([(272, 260), (280, 110), (440, 110), (430, 260)], c.main, 46)
    c.curve([(262, 260), (270, 100), (430, 90), (440, 190)], c.light, 7)
    c.box(404, 250, 458, 280, c.deep, 6)
    c.line([(246, 292), (162, 250)], c.dark, 18)
    for y in (306, 352, 398):
        c.soft([(431, y), (441, y + 24), (431, y + 34), (421, y + 24)], (110, 176, 220))


def shower(c: Canvas) -> None:
    c.box(150, 110, 172, 480, STEEL, 8)
    c.curve([(160, 120), (170, 70), (340, 80), (350, 130)], STEEL, 18)
    c.oval(222, 130, 478, 186, c.main)
    c.oval(222, 150, 478, 196, c.dark)
    for x in range(246, 470, 26):
        for index in range(5):
            y = 214 + index * 46 + (x % 3) * 10
            c.line([(x, y), (x, y + 18)], (110, 176, 220), 6)
    c.box(136, 330, 250, 366, SILVER, 16)
    c.disc(250, 348, 22, c.dark)
    c.curve([(150, 370), (80, 470), (220, 500), (222, 420)], STEEL, 7)


def water_tank(c: Canvas) -> None:
    c.shadow(120, 480)
    c.oval(130, 110, 470, 220, c.light)
    c.box(250, 86, 350, 130, c.dark, 12)
    c.box(130, 160, 470, 450, c.main)
    c.oval(130, 400, 470, 490, c.main)
    for y in (200, 262, 324, 386):
        c.box(122, y, 478, y + 16, c.dark, 8)
    c.box(130, 160, 178, 440, c.light)
    for y in (200, 262, 324, 386):
        c.box(122, y, 180, y + 16, c.main, 8)
    c.box(440, 420, 510, 440, STEEL, 6)
    c.box(490, 420, 508, 466, STEEL, 5)


def pump(c: Canvas) -> None:
    c.shadow(90, 510, 456)
    c.box(240, 220, 490, 400, c.main, 40)
    for x in range(280, 480, 22):
        c.line([(x, 226), (x, 394)], c.dark, 6)
    c.box(300, 160, 420, 226, INK, 12)
    c.disc(190, 310, 112, c.dark)
    c.disc(190, 310, 86, c.main)
    c.disc(190, 310, 34, c.deep)
    c.box(158, 130, 222, 220, c.dark, 8)
    c.box(148, 122, 232, 146, STEEL, 6)
    c.box(80, 286, 120, 336, STEEL, 6)
    c.box(200, 412, 500, 440, COAL, 10)
    c.disc(334, 192, 11, (126, 217, 150))


def water_heater(c: Canvas) -> None:
    c.shadow(190, 410)
    c.box(188, 80, 412, 424, WHITE, 80)
    c.box(188, 80, 244, 424, SILVER, 60)
    c.box(222, 90, 262, 416, WHITE)
    c.disc(312, 330, 34, INK)
    c.arc(312, 330, 24, 140, 400, (240, 140, 60), 7)
    c.line([(312, 330), (326, 314)], WHITE, 4)
    c.box(280, 150, 352, 164, SILVER, 6)
    c.box(240, 420, 258, 484, (80, 140, 220), 6)
    c.box(344, 420, 362, 484, RED, 6)


def cable_drum(c: Canvas) -> None:
    c.shadow(120, 480)
    c.disc(340, 280, 178, dark(WOOD, 0.3))
    c.box(240, 166, 352, 394, c.main)
    for x in range(246, 352, 16):
        c.line([(x, 166), (x + 6, 394)], c.dark, 5)
    c.disc(250, 290, 180, WOOD)
    c.ring(250, 290, 180, dark(WOOD, 0.25), 8)
    for turn in range(6):
        c.line(turned([(250, 250), (250, 124)], turn * 60, (250, 290)), dark(WOOD, 0.18), 6)
    c.disc(250, 290, 56, dark(WOOD, 0.25))
    c.disc(250, 290, 24, INK)
    c.curve([(350, 390), (380, 480), (450, 470), (520, 474)], c.main, 13)
    c.line([(510, 474), (536, 474)], (210, 120, 60), 7)


def _plate(c: Canvas) -> None:
    c.shadow(170, 430)
    c.box(130, 130, 470, 470, SILVER, 40)
    c.box(130, 122, 470, 460, WHITE, 40)


def socket(c: Canvas) -> None:
    c.shadow(90, 510, 420)
    c.box(80, 180, 520, 400, SILVER, 34)
    c.box(80, 172, 520, 390, WHITE, 34)
    for x in (196, 404):
        c.disc(x, 282, 84, SILVER)
        c.disc(x, 282, 76, PAPER)
        for offset in (-26, 26):
            c.disc(x + offset, 282, 11, INK)
        c.box(x - 8, 204, x + 8, 222, GOLD, 4)
        c.box(x - 8, 342, x + 8, 360, GOLD, 4)


def switch(c: Canvas) -> None:
    _plate(c)
    c.box(190, 182, 410, 402, SILVER, 18)
    c.form([(200, 192), (400, 192), (400, 300), (200, 300)], WHITE)
    c.form([(200, 300), (400, 300), (400, 392), (200, 392)], PAPER)
    c.box(276, 220, 324, 230, (126, 217, 150), 5)


def breaker(c: Canvas) -> None:
    c.shadow(190, 410)
    c.box(196, 100, 404, 474, WHITE, 14)
    c.box(196, 190, 404, 384, SILVER, 6)
    c.box(216, 210, 384, 364, PAPER, 6)
    c.box(262, 230, 338, 340, INK, 10)
    c.box(270, 226, 330, 286, c.main, 8)
    for y in (130, 432):
        for x in (250, 350):
            c.disc(x, y, 18, STEEL)
            c.line([(x - 10, y), (x + 10, y)], INK, 5)
    c.line([(230, 168), (330, 168)], c.main, 8)


def led_panel(c: Canvas) -> None:
    c.form([(110, 150), (490, 150), (430, 300), (170, 300)], SILVER)
    c.form([(130, 160), (470, 160), (418, 290), (182, 290)], (255, 250, 224))
    c.form([(170, 306), (430, 306), (510, 480), (90, 480)], light(c.backdrop, 0.75))
    for x in (240, 360):
        c.line([(x, 150), (x, 84)], STEEL, 5)


def bulb(c: Canvas) -> None:
    c.shadow(210, 390)
    c.disc(300, 230, 176, light(c.main, 0.75))
    c.soft([(200, 90), (400, 90), (450, 240), (356, 350), (350, 400), (250, 400), (244, 350), (150, 240)], c.main)
    c.soft([(230, 130), (290, 120), (250, 220), (216, 250), (200, 200)], light(c.main, 0.65))
    c.box(248, 340, 352, 380, WHITE, 8)
    for index in range(4):
        c.box(256, 378 + index * 22, 344, 396 + index * 22, STEEL if index % 2 else SILVER, 9)
    c.box(282, 462, 318, 480, INK, 8)


def solar_panel(c: Canvas) -> None:
    c.shadow(110, 490, 470)
    c.line([(300, 380), (240, 466)], STEEL, 14)
    c.line([(330, 380), (410, 466)], STEEL, 14)
    c.form([(170, 150), (530, 120), (450, 400), (80, 430)], SILVER)

    def at(u: float, v: float) -> tuple[float, float]:
        left = (176 - 90 * v + 0, 160 + 262 * v)
        right = (520 - 76 * v, 131 + 262 * v)
        return left[0] + (right[0] - left[0]) * u, left[1] + (right[1] - left[1]) * u

    for row in range(5):
        for column in range(4):
            u0, u1, v0, v1 = column / 4 + 0.01, column / 4 + 0.235, row / 5 + 0.01, row / 5 + 0.185
            c.form(
                [at(u0, v0), at(u1, v0), at(u1, v1), at(u0, v1)],
                light(c.main, 0.12) if (row + column) % 3 else light(c.main, 0.25),
            )
            c.line([at((u0 + u1) / 2, v0), at((u0 + u1) / 2, v1)], light(c.main, 0.35), 2)
    c.disc(120, 120, 40, (255, 206, 84))


def inverter(c: Canvas) -> None:
    c.shadow(180, 420)
    c.box(176, 90, 424, 440, COAL, 26)
    c.box(176, 90, 424, 300, c.main, 26)
    c.box(176, 270, 424, 306, c.main)
    c.box(226, 136, 374, 236, INK, 10)
    c.line([(244, 212), (276, 180), (300, 196), (350, 156)], (126, 217, 150), 7)
    for x in (260, 300, 340):
        c.disc(x, 264, 8, WHITE)
    for y in range(330, 410, 18):
        c.line([(210, y), (390, y)], STEEL, 5)
    for x, colour in ((240, RED), (300, INK), (360, (80, 140, 220))):
        c.line([(x, 438), (x, 478)], colour, 11)


def paint_tin(c: Canvas) -> None:
    c.shadow(150, 450)
    c.arc(300, 220, 138, 200, 340, STEEL, 8)
    c.box(164, 200, 436, 470, SILVER, 16)
    c.box(164, 244, 436, 432, PAPER)
    c.box(164, 262, 436, 414, c.main)
    c.box(164, 262, 206, 414, c.light)
    c.soft([(246, 300), (354, 300), (354, 380), (246, 380)], PAPER)
    c.line([(272, 330), (328, 330)], c.deep, 9)
    c.line([(282, 352), (318, 352)], STEEL, 6)
    c.oval(154, 172, 446, 242, STEEL)
    c.oval(168, 180, 432, 232, c.main)
    c.oval(196, 188, 330, 212, c.light)
    c.box(360, 214, 390, 318, c.main, 15)
    c.box(396, 206, 420, 276, c.main, 12)


def roller(c: Canvas) -> None:
    c.form([(110, 240), (480, 240), (480, 480), (420, 460), (350, 486), (280, 462), (190, 484), (110, 464)], c.pale)
    c.box(116, 130, 440, 232, c.main, 30)
    c.oval(402, 130, 450, 232, c.dark)
    c.box(116, 150, 420, 166, c.light, 8)
    c.line([(440, 180), (500, 180), (500, 290), (330, 290), (330, 340)], STEEL, 13)
    c.box(308, 330, 352, 474, INK, 18)
    c.box(308, 340, 322, 460, COAL, 8)


def tape(c: Canvas) -> None:
    c.shadow(110, 490, 456)
    c.form([(280, 410), (520, 410), (500, 424), (520, 438), (500, 452), (280, 452)], c.light)
    c.disc(270, 300, 154, c.dark)
    c.disc(270, 300, 144, c.main)
    c.ring(270, 300, 118, c.light, 6)
    c.ring(270, 300, 100, c.dark, 4)
    c.disc(270, 300, 82, (206, 170, 120))
    c.disc(270, 300, 68, light(c.backdrop, 0.45))


def drill(c: Canvas) -> None:
    c.shadow(150, 460)
    c.form([(66, 204), (150, 196), (150, 220)], STEEL)
    c.box(146, 176, 226, 240, COAL, 8)
    c.box(176, 168, 200, 248, STEEL, 6)
    c.box(214, 140, 480, 272, c.main, 40)
    c.box(214, 140, 300, 272, INK, 30)
    c.box(270, 140, 330, 272, c.main)
    c.form([(350, 250), (450, 250), (470, 420), (380, 420)], INK)
    c.form([(352, 262), (372, 262), (384, 330), (360, 330)], RED)
    c.box(330, 404, 500, 468, c.main, 14)
    c.box(330, 436, 500, 468, INK, 12)
    for x in (400, 424, 448):
        c.line([(x, 176), (x, 236)], c.dark, 8)


def grinder(c: Canvas) -> None:
    c.shadow(100, 500, 430)
    c.disc(160, 320, 96, STEEL)
    c.disc(160, 320, 82, SILVER)
    c.disc(160, 320, 26, COAL)
    c.slice(64, 220, 256, 416, 180, 340, INK)
    c.box(196, 270, 300, 370, COAL, 16)
    c.box(276, 262, 520, 378, c.main, 40)
    c.box(380, 262, 520, 378, INK, 40)
    c.box(370, 262, 430, 378, c.main)
    c.box(300, 286, 370, 304, c.light, 8)
    c.form(turned(bar(208, 150, 244, 280), 14, (226, 270)), INK)
    c.curve([(516, 320), (560, 330), (540, 420), (570, 440)], INK, 11)


def circular_saw(c: Canvas) -> None:
    c.shadow(80, 520, 456)
    teeth = []
    for index in range(36):
        radius = 142 if index % 2 else 126
        teeth.append(turned([(250, 300 - radius)], index * 10, (250, 300))[0])
    c.form(teeth, STEEL)
    c.disc(250, 300, 90, SILVER)
    c.box(80, 398, 520, 420, COAL, 6)
    c.slice(96, 140, 404, 460, 180, 360, c.main)
    c.disc(250, 300, 34, COAL)
    c.box(300, 210, 490, 310, c.dark, 36)
    c.curve([(330, 200), (360, 110), (480, 120), (490, 250)], INK, 34)
    c.box(250, 420, 520, 446, (206, 162, 110))


def hammer(c: Canvas) -> None:
    c.shadow(150, 450)
    c.form(turned(bar(282, 170, 318, 490), 24), c.main)
    c.form(turned(bar(282, 330, 318, 490), 24), INK)
    head = [(196, 130), (250, 118), (340, 118), (340, 190), (250, 190), (196, 180)]
    c.form(turned(head, 24), STEEL)
    c.form(turned([(178, 122), (206, 122), (206, 188), (178, 188)], 24), SILVER)
    c.form(
        turned(bent([(336, 118), (400, 110), (450, 190)], 10) + bent([(450, 190), (390, 160), (336, 190)], 10), 24),
        STEEL,
    )


def spirit_level(c: Canvas) -> None:
    c.shadow(60, 540, 400)
    c.form(turned(bar(40, 250, 560, 350), -8), c.main)
    c.form(turned(bar(40, 250, 560, 272), -8), c.light)
    c.form(turned(bar(40, 250, 66, 350), -8), INK)
    c.form(turned(bar(534, 250, 560, 350), -8), INK)
    c.form(turned(bar(236, 280, 364, 326), -8), (190, 226, 90))
    for x in (274, 326):
        c.form(turned(bar(x - 2, 280, x + 2, 326), -8), INK)
    c.form(turned(bar(280, 290, 320, 308), -8), (240, 250, 200))
    for x in (136, 464):
        centre = turned([(x, 300)], -8)[0]
        c.disc(*centre, 34, INK)
        c.disc(*centre, 24, (190, 226, 90))


def screwdriver(c: Canvas) -> None:
    c.shadow(150, 450)
    for offset, colour, tip in ((-60, c.main, STEEL), (54, INK, SILVER)):
        c.form(turned(bar(291 + offset, 260, 309 + offset, 470), 20), tip)
        c.form(turned([(286 + offset, 440), (314 + offset, 440), (307 + offset, 484), (293 + offset, 484)], 20), tip)
        c.soft(
            turned(
                [
                    (262 + offset, 84),
                    (338 + offset, 84),
                    (330 + offset, 180),
                    (338 + offset, 280),
                    (262 + offset, 280),
                    (270 + offset, 180),
                ],
                20,
            ),
            colour,
        )
        for x in (284, 300, 316):
            c.line(turned([(x + offset, 126), (x + offset, 240)], 20), light(colour, 0.3), 5)


def tape_measure(c: Canvas) -> None:
    c.shadow(110, 490, 456)
    c.form([(380, 400), (540, 400), (540, 436), (380, 436)], (255, 230, 110))
    for x in range(392, 540, 16):
        c.line([(x, 402), (x, 414 + (x // 16 % 2) * 8)], INK, 3)
    c.box(532, 392, 548, 452, STEEL, 3)
    c.box(130, 150, 420, 446, INK, 60)
    c.box(140, 160, 410, 430, c.main, 54)
    c.disc(270, 296, 90, INK)
    c.disc(270, 296, 74, PAPER)
    c.line([(226, 280), (314, 280)], c.deep, 12)
    c.line([(240, 316), (300, 316)], STEEL, 8)
    c.box(340, 132, 404, 170, RED, 10)


def wheelbarrow(c: Canvas) -> None:
    c.shadow(90, 520, 470)
    c.line([(540, 300), (330, 350), (150, 420)], COAL, 14)
    c.line([(400, 330), (430, 466)], COAL, 13)
    c.form([(110, 200), (470, 180), (410, 350), (220, 370)], c.main)
    c.form([(110, 200), (470, 180), (464, 204), (118, 226)], c.light)
    c.soft([(140, 210), (220, 120), (330, 130), (450, 194)], (176, 132, 84))
    c.disc(140, 420, 54, INK)
    c.disc(140, 420, 26, SILVER)
    c.disc(140, 420, 8, INK)
    c.line([(500, 310), (548, 298)], RED, 20)


def shovel(c: Canvas) -> None:
    c.shadow(150, 450)
    c.form(turned(bar(290, 130, 310, 340), 22), WOOD)
    c.line(turned([(260, 92), (340, 92)], 22), c.dark, 20)
    c.line(turned([(266, 92), (300, 136), (334, 92)], 22), WOOD, 14)
    blade = [(236, 320), (364, 320), (368, 420), (300, 520), (232, 420)]
    c.soft(turned(blade, 22), c.main)
    c.form(turned(bar(240, 320, 360, 400), 22), c.main)
    c.line(turned([(300, 330), (300, 430)], 22), c.light, 9)
    c.form(turned(bar(284, 290, 316, 350), 22), c.dark)


def _box_of(c: Canvas) -> None:
    c.shadow(110, 490, 466)
    c.form([(120, 260), (420, 260), (420, 460), (120, 460)], c.main)
    c.form([(420, 260), (490, 220), (490, 416), (420, 460)], c.dark)
    c.form([(120, 260), (190, 220), (490, 220), (420, 260)], c.deep)
    c.box(150, 320, 390, 430, PAPER, 6)


def _screw(c: Canvas, x: float, y: float, length: float, tilt: float, colour: tuple[int, int, int]) -> None:
    pivot = (x, y)
    c.form(
        turned(
            [(x - 7, y), (x + 7, y), (x + 5, y + length * 0.8), (x, y + length), (x - 5, y + length * 0.8)], tilt, pivot
        ),
        colour,
    )
    for step in range(4, int(length * 0.8), 13):
        c.line(turned([(x - 9, y + step + 6), (x + 9, y + step)], tilt, pivot), dark(colour, 0.2), 4)
    c.form(turned([(x - 19, y - 12), (x + 19, y - 12), (x + 7, y + 6), (x - 7, y + 6)], tilt, pivot), colour)


def screw_box(c: Canvas) -> None:
    for x, tilt in ((200, 8), (250, -10), (300, 4), (350, -6), (400, 12)):
        _screw(c, x, 150, 120, tilt, GOLD if x % 100 else STEEL)
    _box_of(c)
    _screw(c, 186, 352, 60, 0, c.deep)
    _screw(c, 226, 352, 60, 0, c.deep)
    c.line([(266, 354), (366, 354)], INK, 11)
    c.line([(266, 386), (340, 386)], STEEL, 7)


def wall_plugs(c: Canvas) -> None:
    c.shadow(120, 480, 470)
    for index, (x, tilt) in enumerate(((190, -14), (300, 4), (410, 16))):
        colour = (c.main, STEEL, c.dark)[index]
        body = [(x - 24, 130), (x + 24, 130), (x + 24, 330), (x + 10, 470), (x - 10, 470), (x - 24, 330)]
        c.form(turned(body, tilt, (x, 300)), colour)
        c.form(turned(bar(x - 32, 118, x + 32, 142), tilt, (x, 300)), dark(colour))
        c.form(turned(bar(x - 3, 200, x + 3, 460), tilt, (x, 300)), dark(colour, 0.35))
        for y in range(180, 440, 36):
            c.line(turned([(x - 26, y), (x - 14, y + 9)], tilt, (x, 300)), light(colour, 0.4), 5)


def bolt(c: Canvas) -> None:
    c.shadow(140, 460, 474)
    for x, tilt in ((230, -18), (390, 14)):
        pivot = (x, 300)
        c.form(turned(bar(x - 24, 170, x + 24, 450), tilt, pivot), STEEL)
        for y in range(260, 450, 17):
            c.line(turned([(x - 26, y + 6), (x + 26, y)], tilt, pivot), dark(STEEL, 0.3), 5)
        c.form(
            turned(
                [(x - 58, 120), (x - 30, 96), (x + 30, 96), (x + 58, 120), (x + 58, 176), (x - 58, 176)], tilt, pivot
            ),
            c.main,
        )
        c.form(turned(bar(x - 24, 96, x + 24, 176), tilt, pivot), c.light)
        c.form(turned(bar(x - 46, 330, x + 46, 384), tilt, pivot), c.dark)
        c.form(turned(bar(x - 20, 330, x + 20, 384), tilt, pivot), c.main)


def cable_ties(c: Canvas) -> None:
    c.shadow(150, 450)
    for index in range(9):
        x = 190 + index * 28
        tilt = -16 + index * 4
        c.form(turned(bar(x - 6, 120, x + 6, 430), tilt, (300, 470)), c.light if index % 3 == 1 else c.main)
        c.form(turned(bar(x - 14, 100, x + 14, 136), tilt, (300, 470)), c.dark)
    c.box(190, 360, 410, 440, PAPER, 10)
    c.line([(220, 390), (380, 390)], INK, 11)
    c.line([(240, 416), (360, 416)], STEEL, 6)


SHAPES: Final[Shapes] = {
    "block": block,
    "bolt": bolt,
    "breaker": breaker,
    "brick": brick,
    "bulb": bulb,
    "cable-drum": cable_drum,
    "cable-ties": cable_ties,
    "cement-bag": cement_bag,
    "circular-saw": circular_saw,
    "drill": drill,
    "flooring": flooring,
    "grinder": grinder,
    "gutter": gutter,
    "hammer": hammer,
    "insulation-roll": insulation_roll,
    "insulation-slab": insulation_slab,
    "inverter": inverter,
    "led-panel": led_panel,
    "membrane-roll": membrane_roll,
    "paint-tin": paint_tin,
    "paving": paving,
    "pipe": pipe,
    "planks": planks,
    "plywood": plywood,
    "pump": pump,
    "roller": roller,
    "roof-sheet": roof_sheet,
    "roof-tile": roof_tile,
    "sandwich-panel": sandwich_panel,
    "screw-box": screw_box,
    "screwdriver": screwdriver,
    "shovel": shovel,
    "shower": shower,
    "socket": socket,
    "solar-panel": solar_panel,
    "spirit-level": spirit_level,
    "spray-can": spray_can,
    "stone-tile": stone_tile,
    "switch": switch,
    "tap": tap,
    "tape": tape,
    "tape-measure": tape_measure,
    "valve": valve,
    "wall-plugs": wall_plugs,
    "water-heater": water_heater,
    "water-tank": water_tank,
    "wheelbarrow": wheelbarrow,
    "window": window,
}
