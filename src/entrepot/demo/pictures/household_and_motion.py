"""Pictures of household goods, sports gear, motorcycles and cars."""

from __future__ import annotations

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


def spray_bottle(c: Canvas) -> None:
    c.shadow(190, 410)
    c.form([(230, 96), (370, 96), (384, 150), (320, 170), (280, 170), (250, 130), (230, 130)], INK)
    c.form([(206, 100), (236, 96), (236, 132), (206, 128)], RED)
    c.curve([(262, 140), (230, 170), (240, 200)], RED, 13)
    c.box(276, 160, 344, 214, COAL, 8)
    c.soft([(250, 190), (370, 190), (410, 330), (400, 486), (220, 486), (210, 330)], c.main)
    c.box(222, 320, 398, 474, c.main, 20)
    c.shine([(246, 290), (236, 440)], c.main, 10)
    c.soft([(250, 310), (370, 310), (370, 440), (250, 440)], WHITE)
    c.soft([(310, 324), (340, 386), (310, 416), (280, 386)], c.dark)


def jug(c: Canvas) -> None:
    c.shadow(170, 440)
    c.box(236, 90, 304, 140, c.deep, 10)
    c.form([(220, 136), (320, 136), (410, 190), (430, 250), (430, 474), (180, 474), (180, 220)], c.main)
    c.box(174, 440, 436, 476, c.main, 20)
    c.soft([(346, 210), (406, 210), (410, 330), (350, 330)], c.deep)
    c.soft([(354, 220), (396, 220), (400, 320), (358, 320)], c.backdrop)
    c.box(196, 290, 340, 430, WHITE, 12)
    c.soft([(268, 298), (300, 352), (268, 386), (236, 352)], c.dark)
    c.line([(226, 406), (310, 406)], c.deep, 8)
    c.shine([(196, 230), (196, 280)], c.main, 8)


def cloths(c: Canvas) -> None:
    c.shadow(110, 490, 460)
    for index, colour in enumerate(((84, 172, 110), (244, 196, 72), (236, 110, 120), c.main)):
        top = 370 - index * 62
        c.box(120, top, 480, top + 74, colour, 30)
        c.box(120, top + 30, 460, top + 40, dark(colour, 0.12), 5)
    c.box(262, 178, 338, 450, PAPER, 8)
    c.line([(284, 300), (316, 300)], INK, 9)


def mop(c: Canvas) -> None:
    c.shadow(120, 480)
    c.line([(390, 70), (250, 400)], STEEL, 14)
    c.line([(390, 70), (366, 126)], c.deep, 20)
    c.form([(160, 400), (330, 400), (350, 440), (140, 440)], WHITE)
    for x in range(150, 346, 16):
        c.line([(x, 432), (x - 4, 468)], SILVER, 11)
    c.form([(330, 300), (500, 300), (476, 474), (354, 474)], c.main)
    c.form([(330, 300), (370, 300), (380, 474), (354, 474)], c.light)
    c.oval(326, 282, 504, 322, c.dark)
    c.arc(415, 300, 84, 190, 350, STEEL, 7)


def sponge(c: Canvas) -> None:
    c.shadow(110, 490, 450)
    for x, y in ((130, 330), (200, 210)):
        c.box(x, y, x + 270, y + 60, (84, 160, 96), 18)
        c.box(x, y + 36, x + 270, y + 116, c.main, 18)
        c.box(x, y + 36, x + 270, y + 62, c.main)
        for index in range(8):
            c.oval(
                x + 18 + index * 32, y + 66 + (index % 3) * 12, x + 32 + index * 32, y + 76 + (index % 3) * 12, c.dark
            )
    for x, y, radius in ((130, 240, 24), (160, 190, 14), (470, 380, 20), (450, 170, 16)):
        c.disc(x, y, radius, light(c.backdrop, 0.85))
        c.ring(x, y, radius, SILVER, 3)


def broom(c: Canvas) -> None:
    c.shadow(130, 470)
    c.line([(400, 70), (290, 330)], c.main, 17)
    c.form(turned(bar(200, 320, 400, 366), -8, (300, 340)), c.dark)
    for index in range(16):
        x = 196 + index * 13
        c.line([(x, 362 - (index - 8) * 1.6), (x - 24 + index, 474)], GOLD if index % 2 else dark(GOLD, 0.15), 11)


def detergent(c: Canvas) -> None:
    c.shadow(150, 450)
    c.form([(156, 150), (400, 150), (400, 474), (156, 474)], c.main)
    c.form([(400, 150), (450, 120), (450, 446), (400, 474)], c.deep)
    c.form([(156, 150), (206, 120), (450, 120), (400, 150)], c.light)
    c.soft([(170, 210), (386, 190), (386, 380), (170, 400)], WHITE)
    c.disc(278, 296, 56, (255, 196, 60))
    for turn in range(8):
        c.form(turned([(262, 236), (294, 236), (278, 196)], turn * 45, (278, 296)), (255, 196, 60))
    c.disc(278, 296, 40, c.main)
    c.line([(196, 436), (360, 436)], c.pale, 11)
    c.disc(424, 210, 10, WHITE)


def drying_rack(c: Canvas) -> None:
    c.shadow(110, 490, 476)
    c.line([(210, 250), (390, 470)], STEEL, 11)
    c.line([(390, 250), (210, 470)], STEEL, 11)
    c.line([(60, 190), (200, 240), (400, 240), (540, 190)], STEEL, 11)
    for x in (230, 270, 310, 350):
        c.line([(x, 236), (x + 20, 214)], SILVER, 5)
    c.form([(226, 240), (296, 240), (296, 356), (226, 356)], c.main)
    c.form([(226, 330), (296, 330), (296, 342), (226, 342)], WHITE)
    c.form([(326, 240), (384, 240), (384, 320), (326, 320)], (244, 150, 130))
    c.form([(96, 200), (150, 220), (150, 320), (96, 300)], (250, 206, 110))
    c.form([(450, 222), (508, 200), (508, 290), (450, 312)], (150, 200, 150))


def tissue_box(c: Canvas) -> None:
    c.shadow(100, 500, 456)
    c.soft([(230, 270), (210, 130), (290, 170), (330, 100), (370, 180), (420, 160), (370, 280)], WHITE)
    c.soft([(280, 270), (290, 180), (330, 160), (350, 280)], SILVER)
    c.form([(110, 270), (420, 270), (420, 446), (110, 446)], c.main)
    c.form([(420, 270), (496, 230), (496, 404), (420, 446)], c.dark)
    c.form([(110, 270), (190, 230), (496, 230), (420, 270)], c.light)
    c.oval(220, 236, 400, 264, WHITE)
    for x, y in ((170, 330), (250, 380), (330, 320), (380, 400), (190, 410), (290, 310)):
        for turn in range(5):
            c.disc(*turned([(x, y - 13)], turn * 72, (x, y))[0], 9, WHITE)
        c.disc(x, y, 7, GOLD)


def toilet_roll(c: Canvas) -> None:
    c.shadow(110, 490, 470)
    for x, y in ((196, 340), (404, 340), (300, 210)):
        c.box(x - 96, y - 80, x + 96, y + 110, WHITE, 30)
        c.box(x - 96, y + 20, x + 96, y + 110, SILVER, 30)
        c.box(x - 96, y - 30, x + 96, y + 84, WHITE)
        c.oval(x - 96, y - 118, x + 96, y - 36, PAPER)
        c.oval(x - 36, y - 94, x + 36, y - 62, (196, 160, 116))
        for dot in range(4):
            c.disc(x - 66 + dot * 44, y + 20, 6, c.main)


def kitchen_roll(c: Canvas) -> None:
    c.shadow(170, 430)
    c.box(190, 456, 410, 478, WOOD, 10)
    c.box(290, 70, 310, 140, WOOD, 8)
    c.box(196, 120, 404, 462, WHITE, 20)
    c.box(350, 120, 404, 462, SILVER, 20)
    c.box(330, 130, 376, 456, WHITE)
    c.oval(196, 96, 404, 152, PAPER)
    c.oval(266, 112, 334, 136, (196, 160, 116))
    c.form([(196, 200), (150, 220), (150, 462), (196, 450)], PAPER)
    for row in range(4):
        for column in range(3):
            x, y = 232 + column * 54, 200 + row * 66
            c.form([(x, y - 15), (x + 15, y), (x, y + 15), (x - 15, y)], c.main)


def napkins(c: Canvas) -> None:
    c.shadow(120, 480, 460)
    for index in range(6):
        y = 400 - index * 22
        c.form([(120, y), (300, y - 70), (480, y), (300, y + 60)], WHITE if index % 2 else SILVER)
    c.form([(120, 290), (300, 220), (480, 290), (300, 350)], c.main)
    c.form([(120, 290), (300, 350), (300, 220)], c.light)
    c.box(262, 250, 338, 330, PAPER, 6)
    c.disc(300, 290, 22, c.deep)


def wipes(c: Canvas) -> None:
    c.shadow(100, 500, 450)
    c.soft([(110, 210), (490, 210), (510, 330), (490, 450), (110, 450), (90, 330)], c.main)
    c.box(116, 230, 484, 430, c.main, 30)
    c.box(200, 250, 400, 370, WHITE, 26)
    c.box(216, 264, 384, 356, c.pale, 20)
    c.soft([(260, 320), (270, 190), (320, 220), (350, 160), (360, 330)], WHITE)
    c.oval(246, 300, 366, 336, c.dark)
    c.line([(180, 404), (420, 404)], c.deep, 11)


def till_roll(c: Canvas) -> None:
    c.shadow(110, 490, 460)
    c.form(
        [
            (180, 330),
            (420, 330),
            (420, 470),
            (402, 458),
            (380, 474),
            (358, 458),
            (336, 474),
            (314, 458),
            (290, 474),
            (266, 458),
            (244, 474),
            (222, 458),
            (200, 474),
            (180, 462),
        ],
        WHITE,
    )
    c.disc(300, 240, 136, SILVER)
    c.disc(300, 240, 126, WHITE)
    for radius in (100, 76, 54):
        c.ring(300, 240, radius, PAPER, 6)
    c.disc(300, 240, 34, (196, 160, 116))
    for y in (386, 408, 430):
        c.line([(210, y), (320, y)], STEEL, 6)
        c.line([(360, y), (392, y)], INK, 6)


def cups(c: Canvas) -> None:
    c.shadow(120, 480, 474)
    for x, top, height in ((196, 220, 250), (404, 220, 250), (300, 130, 340)):
        c.form([(x - 74, top), (x + 74, top), (x + 52, top + height), (x - 52, top + height)], WHITE)
        c.form(
            [
                (x - 68, top + height * 0.3),
                (x + 68, top + height * 0.3),
                (x + 58, top + height * 0.75),
                (x - 58, top + height * 0.75),
            ],
            c.main,
        )
        c.curve(
            [
                (x - 56, top + height * 0.5),
                (x - 10, top + height * 0.38),
                (x + 10, top + height * 0.66),
                (x + 56, top + height * 0.5),
            ],
            WHITE,
            9,
        )
        c.box(x - 80, top - 12, x + 80, top + 10, SILVER, 10)


def foil_tray(c: Canvas) -> None:
    c.shadow(90, 510, 430)
    c.form([(110, 250), (490, 250), (450, 414), (150, 414)], c.main)
    for x in range(140, 480, 24):
        c.line([(x, 270), (x + (300 - x) * 0.14, 404)], c.light, 6)
    c.box(84, 224, 516, 262, SILVER, 14)
    c.soft([(110, 240), (200, 160), (300, 190), (400, 150), (490, 240)], (246, 222, 164))
    for x, y in ((210, 208), (270, 200), (330, 212), (390, 204), (250, 222), (360, 226)):
        c.oval(x - 11, y - 6, x + 11, y + 6, (222, 150, 70))
    c.box(84, 232, 516, 256, SILVER, 12)


def foil_roll(c: Canvas) -> None:
    c.shadow(70, 530, 440)
    c.form([(90, 270), (460, 270), (460, 420), (90, 420)], c.deep)
    c.form([(460, 270), (520, 230), (520, 374), (460, 420)], dark(c.main, 0.6))
    c.form([(90, 270), (150, 230), (520, 230), (460, 270)], c.dark)
    c.form([(130, 262), (480, 262), (500, 350), (110, 350)], light(c.main, 0.55))
    c.line([(160, 280), (220, 330)], WHITE, 7)
    c.line([(200, 280), (280, 334)], WHITE, 5)
    for x in range(94, 456, 14):
        c.form([(x, 350), (x + 14, 350), (x + 7, 362)], GOLD)
    c.line([(140, 392), (320, 392)], PAPER, 13)


def bin_bags(c: Canvas) -> None:
    c.shadow(120, 480)
    c.soft([(230, 180), (370, 180), (480, 330), (460, 490), (140, 490), (120, 330)], c.main)
    c.form([(250, 190), (220, 110), (280, 140), (300, 96), (326, 140), (384, 112), (350, 190)], c.light)
    c.box(240, 182, 360, 206, RED, 10)
    c.curve([(250, 230), (190, 310), (200, 420)], c.light, 9)
    c.curve([(330, 240), (390, 320), (370, 440)], c.light, 7)
    c.curve([(290, 260), (290, 340), (270, 400)], c.light, 5)


def storage_box(c: Canvas) -> None:
    c.shadow(110, 490, 460)
    c.form([(110, 230), (490, 230), (462, 450), (138, 450)], light(c.main, 0.4))
    c.soft([(160, 300), (300, 270), (300, 440), (160, 440)], (236, 150, 130))
    c.soft([(280, 330), (440, 310), (440, 440), (280, 440)], (244, 206, 120))
    c.soft([(230, 290), (370, 280), (360, 360), (240, 360)], (150, 180, 200))
    c.box(90, 190, 510, 236, c.main, 16)
    for x in (84, 480):
        c.box(x, 206, x + 36, 280, c.deep, 8)
    c.line([(150, 260), (166, 420)], WHITE, 8)


def _globe(c: Canvas, colour: tuple[int, int, int]) -> None:
    c.shadow(170, 430)
    c.disc(300, 290, 184, dark(colour, 0.15))
    c.disc(294, 284, 176, colour)


def football(c: Canvas) -> None:
    _globe(c, WHITE)
    centre = [turned([(300, 232)], i * 72, (300, 290))[0] for i in range(5)]
    c.form(centre, c.main)
    for index in range(5):
        outer = [
            turned([p], index * 72, (300, 290))[0] for p in ((262, 142), (338, 142), (352, 110), (300, 106), (248, 110))
        ]
        c.form(outer, c.main)
        c.line(
            [turned([(300, 232)], index * 72, (300, 290))[0], turned([(300, 160)], index * 72, (300, 290))[0]],
            c.main,
            6,
        )
        c.line(
            [turned([(262, 142)], index * 72, (300, 290))[0], turned([(338, 142)], index * 72 - 72, (300, 290))[0]],
            c.main,
            6,
        )


def basketball(c: Canvas) -> None:
    _globe(c, c.main)
    c.line([(300, 108), (300, 460)], INK, 8)
    c.line([(120, 288), (468, 288)], INK, 8)
    c.curve([(176, 160), (290, 288), (176, 412)], INK, 8)
    c.curve([(420, 168), (300, 288), (420, 412)], INK, 8)
    c.arc(294, 284, 140, 200, 250, c.light, 13)


def volleyball(c: Canvas) -> None:
    _globe(c, WHITE)
    middle = (294.0, 284.0)
    for third in range(3):
        for index, colour in enumerate((c.main, (255, 206, 84), c.light)):
            start = third * 120 + index * 28
            rim = [turned([(294, 110)], start + step * 4, middle)[0] for step in range(8)]
            near, far = (turned([(340, 210)], start + shift, middle)[0] for shift in (0, 28))
            c.form([*bent([middle, near, rim[0]], 12), *rim, *bent([rim[-1], far, middle], 12)], colour)
        seam = bent(
            [middle, turned([(340, 210)], third * 120, middle)[0], turned([(294, 110)], third * 120, middle)[0]], 12
        )
        c.line(seam, STEEL, 5)
    c.ring(294, 284, 177, SILVER, 6)


def racket(c: Canvas) -> None:
    c.shadow(150, 450)
    head = [(300, 70), (420, 110), (430, 260), (340, 340), (260, 340), (170, 260), (180, 110)]
    c.soft(turned(head, 24), c.main)
    inner = [(300, 92), (398, 126), (406, 250), (330, 316), (270, 316), (194, 250), (202, 126)]
    c.soft(turned(inner, 24), c.deep)
    for row in range(6):
        for column in range(6):
            x, y = 226 + column * 30, 132 + row * 28
            if (x - 300) ** 2 / 8000 + (y - 204) ** 2 / 10000 < 0.9:
                c.disc(*turned([(x, y)], 24)[0], 7, c.light)
    c.form(turned(bar(284, 330, 316, 490), 24), INK)
    for y in range(370, 490, 20):
        c.line(turned([(284, y + 8), (316, y)], 24), COAL, 5)
    c.disc(430, 430, 40, (206, 232, 80))
    c.curve([(400, 410), (430, 430), (420, 468)], WHITE, 5)


def dumbbell(c: Canvas) -> None:
    c.shadow(80, 520, 440)
    for dx, dy, shade in ((40, -70, 0.25), (0, 40, 0)):
        y = 320 + dy
        c.box(190 + dx, y - 18, 380 + dx, y + 18, STEEL, 10)
        for x in range(230, 350, 16):
            c.line([(x + dx, y - 12), (x + 8 + dx, y + 12)], dark(STEEL, 0.2), 4)
        for left in (90, 350):
            x = left + dx
            c.form(
                [
                    (x, y - 50),
                    (x + 26, y - 80),
                    (x + 84, y - 80),
                    (x + 110, y - 50),
                    (x + 110, y + 50),
                    (x + 84, y + 80),
                    (x + 26, y + 80),
                    (x, y + 50),
                ],
                dark(c.main, shade),
            )
            c.box(x + 34, y - 68, x + 48, y + 68, light(c.main, 0.15), 6)


def kettlebell(c: Canvas) -> None:
    c.shadow(170, 430)
    c.curve([(220, 250), (190, 70), (410, 70), (380, 250)], COAL, 42)
    c.disc(300, 340, 142, c.main)
    c.box(210, 456, 390, 480, c.main, 10)
    c.disc(300, 350, 66, PAPER)
    c.line([(300, 350), (336, 322)], RED, 9)
    for turn in range(8):
        c.line(turned([(300, 296), (300, 306)], turn * 45, (300, 350)), INK, 6)
    c.arc(300, 340, 120, 200, 250, c.light, 11)


def bands(c: Canvas) -> None:
    c.shadow(140, 460, 470)
    colours = (c.main, (255, 196, 60), (236, 90, 100), (90, 150, 230), (130, 90, 190))
    for index, colour in enumerate(colours):
        c.loop(130 + index * 22, 110 + index * 40, 400 + index * 22, 300 + index * 40, dark(colour, 0.15), 26)
        c.loop(134 + index * 22, 110 + index * 40, 396 + index * 22, 294 + index * 40, colour, 18)


def yoga_mat(c: Canvas) -> None:
    c.shadow(100, 500, 460)
    c.form([(180, 440), (520, 340), (540, 380), (240, 470)], c.light)
    c.form([(110, 330), (440, 170), (500, 290), (220, 440)], c.main)
    c.form([(120, 300), (430, 150), (440, 180), (130, 330)], c.light)
    c.oval(96, 290, 244, 450, c.dark)
    for size in (56, 40, 24):
        c.ring(170, 370, size, c.light, 7)
    for x, y in ((264, 262), (390, 200)):
        c.line([(x, y - 6), (x + 90, y + 140)], c.deep, 15)


def sport_bottle(c: Canvas) -> None:
    c.shadow(210, 390)
    c.arc(300, 118, 36, 160, 380, INK, 14)
    c.box(252, 126, 348, 190, INK, 12)
    c.box(262, 180, 338, 206, STEEL, 4)
    c.soft([(240, 190), (360, 190), (384, 260), (384, 486), (216, 486), (216, 260)], c.main)
    c.box(216, 270, 384, 474, c.main, 24)
    c.shine([(238, 260), (238, 430)], c.main, 10)
    c.form([(256, 390), (300, 320), (318, 346), (334, 326), (372, 390)], WHITE)


def tent(c: Canvas) -> None:
    c.shadow(60, 540, 450)
    c.form([(300, 150), (540, 440), (60, 440)], c.main)
    c.form([(300, 150), (420, 196), (560, 430), (540, 440)], c.deep)
    c.form([(300, 150), (200, 440), (60, 440)], c.light)
    c.form([(300, 220), (364, 440), (236, 440)], INK)
    c.form([(300, 220), (330, 330), (390, 440), (364, 440)], c.pale)
    c.line([(300, 150), (300, 126)], COAL, 8)
    c.line([(60, 440), (34, 456)], COAL, 5)
    c.line([(556, 432), (576, 452)], COAL, 5)
    c.disc(470, 130, 34, (255, 220, 130))


def grill(c: Canvas) -> None:
    c.shadow(90, 510, 476)
    for x, lean in ((160, -24), (440, 24)):
        c.line([(x, 370), (x + lean, 472)], COAL, 14)
    c.form([(100, 270), (500, 270), (460, 380), (140, 380)], c.main)
    c.box(90, 250, 510, 284, c.dark, 10)
    for x in range(130, 480, 34):
        c.disc(x, 262, 14, (255, 120, 50))
        c.disc(x + 12, 258, 8, (255, 196, 90))
    for index in range(5):
        x = 150 + index * 70
        c.line([(x - 40, 232), (x + 60, 212)], STEEL, 6)
        for step, colour in enumerate(((150, 74, 44), (214, 64, 56), (150, 74, 44))):
            c.soft(
                [
                    (x - 30 + step * 27, 214),
                    (x - 4 + step * 27, 208),
                    (x - 2 + step * 27, 238),
                    (x - 28 + step * 27, 242),
                ],
                colour,
            )
    for x in (220, 300, 380):
        c.curve([(x, 190), (x - 24, 160), (x + 24, 130), (x, 100)], light(c.backdrop, 0.8), 9)


def _wheel(c: Canvas, x: float, y: float, radius: float) -> None:
    c.disc(x, y, radius, INK)
    c.disc(x, y, radius * 0.68, SILVER)
    c.disc(x, y, radius * 0.52, COAL)
    c.disc(x, y, radius * 0.16, SILVER)


def motorcycle(c: Canvas) -> None:
    c.shadow(70, 530, 456)
    _wheel(c, 140, 370, 84)
    _wheel(c, 460, 370, 84)
    c.line([(460, 370), (390, 190)], STEEL, 15)
    c.line([(140, 370), (290, 380)], STEEL, 17)
    c.box(236, 300, 346, 400, COAL, 18)
    for y in (316, 334, 352):
        c.line([(250, y), (334, y)], STEEL, 6)
    c.soft([(210, 190), (370, 170), (430, 250), (360, 300), (230, 300)], c.main)
    c.shine([(270, 220), (350, 212)], c.main, 9)
    c.soft([(90, 220), (250, 210), (260, 262), (120, 262)], INK)
    c.form([(90, 236), (210, 262), (200, 300), (110, 270)], c.main)
    c.line([(390, 190), (350, 160), (320, 168)], INK, 13)
    c.disc(420, 226, 25, (255, 236, 170))
    c.curve([(280, 400), (200, 430), (90, 410)], STEEL, 16)
    c.arc(460, 370, 100, 210, 300, c.main, 15)


def scooter(c: Canvas) -> None:
    c.shadow(80, 520, 456)
    _wheel(c, 160, 392, 60)
    _wheel(c, 452, 392, 60)
    c.soft([(90, 250), (260, 230), (280, 380), (240, 410), (90, 370)], c.main)
    c.box(200, 370, 420, 400, c.dark, 14)
    c.form([(370, 180), (410, 176), (460, 380), (400, 396), (384, 300)], c.main)
    c.form([(370, 180), (388, 178), (420, 390), (400, 396), (384, 300)], c.light)
    c.soft([(96, 214), (280, 200), (284, 250), (96, 262)], INK)
    c.line([(392, 184), (380, 120), (340, 112)], INK, 12)
    c.soft([(350, 100), (420, 100), (420, 160), (360, 164)], c.main)
    c.disc(410, 136, 17, (255, 236, 170))
    c.arc(452, 392, 74, 200, 330, c.main, 15)
    c.box(60, 196, 100, 240, c.deep, 8)
    c.form([(186, 300), (160, 350), (182, 350), (172, 384), (212, 330), (188, 330)], GOLD)


def helmet(c: Canvas) -> None:
    c.shadow(140, 460)
    c.soft([(180, 110), (420, 90), (520, 300), (460, 440), (400, 490), (200, 480), (100, 400), (100, 220)], c.main)
    c.form(bent([(270, 220), (400, 190), (500, 240)], 10) + bent([(500, 340), (400, 360), (290, 340)], 10), INK)
    c.form(
        bent([(286, 236), (400, 210), (484, 250)], 10) + bent([(480, 300), (400, 310), (300, 300)], 10), (88, 124, 160)
    )
    c.line([(330, 250), (390, 238)], WHITE, 7)
    c.curve([(130, 240), (190, 130), (330, 130)], RED, 17)
    c.form(bent([(110, 380), (240, 420), (440, 400)], 10) + bent([(410, 470), (300, 480), (180, 460)], 10), c.dark)
    c.disc(270, 290, 17, STEEL)


def jacket(c: Canvas) -> None:
    c.shadow(170, 430)
    c.form([(216, 130), (144, 170), (96, 420), (160, 440), (210, 260)], c.dark)
    c.form([(384, 130), (456, 170), (504, 420), (440, 440), (390, 260)], c.dark)
    c.form([(232, 120), (368, 120), (404, 148), (396, 470), (204, 470), (196, 148)], c.main)
    for x in (166, 434):
        c.oval(x - 34, 176, x + 34, 240, c.deep)
    c.box(294, 130, 306, 470, SILVER)
    c.box(204, 240, 396, 262, RED)
    for row in range(4):
        for column in range(4):
            for left in (220, 322):
                c.disc(left + column * 17, 300 + row * 22, 4, c.deep)
    c.box(246, 100, 354, 140, c.deep, 12)
    c.box(204, 446, 396, 472, c.deep, 8)


def gloves(c: Canvas) -> None:
    c.shadow(140, 460)
    for flip in (1, -1):

        def at(x: float, y: float, flip: int = flip) -> tuple[float, float]:
            return 300 + flip * (x - 300), y

        c.line([at(230, 300), at(290, 226)], c.dark, 42)
        for index, (x, y) in enumerate(((150, 160), (184, 120), (220, 126), (250, 170))):
            c.line([at(160 + index * 27, 300), at(x, y)], c.main if index % 2 else c.light, 34)
        left, right = sorted((at(140, 0)[0], at(262, 0)[0]))
        c.box(left, 270, right, 420, c.main, 30)
        c.box(left + 6, 400, right - 6, 474, c.deep, 10)
        c.box(left + 6, 424, right - 6, 438, RED)
        for index in range(4):
            c.disc(*at(160 + index * 27, 286), 12, STEEL)


def chain_kit(c: Canvas) -> None:
    c.shadow(110, 490, 470)
    for x, y, radius, count in ((210, 240, 116, 32), (410, 350, 76, 22)):
        middle = (x, y)
        teeth = [
            turned([(x, y - radius + (0 if index % 2 else 15))], index * 360 / count, middle)[0]
            for index in range(count)
        ]
        c.form(teeth, STEEL)
        c.disc(x, y, radius * 0.62, SILVER)
        c.disc(x, y, radius * 0.26, light(c.backdrop, 0.45))
    links = bent([(110, 330), (140, 500), (300, 430), (330, 470), (500, 490)], 22)
    for index, link in enumerate(links):
        c.disc(*link, 15, c.main if index % 2 else c.dark)
        c.disc(*link, 6, c.deep)


def _windows(c: Canvas, points: list[tuple[float, float]]) -> None:
    c.form(points, (96, 126, 150))
    c.line(
        [(points[0][0] + 26, points[0][1] + 14), (points[0][0] + 8, points[0][1] + 44)], light((96, 126, 150), 0.5), 6
    )


def car(c: Canvas) -> None:
    c.shadow(60, 540, 446)
    c.soft([(140, 330), (200, 150), (400, 150), (480, 300), (500, 390), (100, 390)], c.main)
    c.box(84, 290, 522, 414, c.main, 50)
    _windows(c, [(196, 206), (290, 200), (290, 290), (166, 290)])
    _windows(c, [(306, 200), (380, 206), (430, 290), (306, 290)])
    c.box(84, 380, 522, 414, c.deep, 14)
    c.oval(488, 310, 522, 344, (255, 240, 180))
    c.oval(82, 314, 108, 346, RED)
    c.line([(250, 316), (280, 316)], c.deep, 7)
    c.form([(336, 320), (316, 352), (332, 352), (324, 376), (354, 338), (338, 338)], GOLD)
    _wheel(c, 176, 404, 54)
    _wheel(c, 430, 404, 54)


def pickup(c: Canvas) -> None:
    c.shadow(40, 560, 446)
    c.soft([(250, 330), (286, 170), (420, 170), (470, 290), (470, 380), (240, 380)], c.main)
    c.box(50, 270, 270, 390, dark(c.main, 0.08), 12)
    c.box(230, 270, 556, 404, c.main, 26)
    c.box(50, 262, 250, 282, c.dark, 6)
    _windows(c, [(292, 214), (350, 210), (350, 282), (276, 282)])
    _windows(c, [(364, 210), (410, 214), (444, 282), (364, 282)])
    c.box(50, 376, 556, 404, COAL, 8)
    c.box(528, 300, 556, 330, (255, 240, 180), 8)
    c.box(46, 300, 64, 336, RED, 6)
    for x in (110, 160, 210):
        c.line([(x, 296), (x, 366)], c.dark, 4)
    _wheel(c, 140, 404, 54)
    _wheel(c, 452, 404, 54)


def cargo_trike(c: Canvas) -> None:
    c.shadow(50, 550, 456)
    c.box(60, 220, 330, 370, c.main, 14)
    for x in (114, 168, 222, 276):
        c.line([(x, 236), (x, 356)], c.dark, 7)
    c.box(50, 206, 340, 234, c.deep, 8)
    c.line([(330, 370), (500, 370)], COAL, 17)
    c.soft([(350, 250), (430, 240), (440, 300), (350, 300)], INK)
    c.line([(470, 380), (446, 190), (410, 180)], STEEL, 13)
    c.form([(440, 240), (500, 300), (520, 370), (450, 360)], c.main)
    c.disc(484, 268, 19, (255, 236, 170))
    c.line([(410, 180), (390, 186)], INK, 15)
    _wheel(c, 150, 396, 58)
    _wheel(c, 480, 396, 58)


def tyre(c: Canvas) -> None:
    c.shadow(150, 450)
    for index in range(40):
        c.line(turned([(300, 106), (300, 124)], index * 9, (300, 290)), COAL, 13)
    c.disc(300, 290, 178, c.main)
    c.ring(300, 290, 150, c.light, 5)
    c.disc(300, 290, 112, SILVER)
    c.disc(300, 290, 100, STEEL)
    for index in range(5):
        c.soft(turned([(282, 280), (318, 280), (330, 196), (270, 196)], index * 72, (300, 290)), SILVER)
    c.disc(300, 290, 32, COAL)
    for index in range(5):
        c.disc(*turned([(300, 270)], index * 72, (300, 290))[0], 5, SILVER)


def car_battery(c: Canvas) -> None:
    c.shadow(100, 500, 460)
    c.box(166, 160, 220, 210, STEEL, 6)
    c.box(380, 160, 434, 210, STEEL, 6)
    c.box(110, 200, 490, 250, INK, 10)
    c.box(120, 240, 480, 450, c.main, 12)
    c.box(120, 240, 480, 280, c.dark)
    c.line([(176, 138), (210, 138)], RED, 11)
    c.line([(193, 121), (193, 155)], RED, 11)
    c.line([(390, 138), (424, 138)], INK, 11)
    c.form([(320, 290), (262, 370), (300, 370), (276, 434), (346, 348), (306, 348)], (255, 206, 84))
    c.disc(300, 226, 11, (126, 217, 150))


def oil_canister(c: Canvas) -> None:
    c.shadow(170, 440)
    c.box(216, 84, 280, 134, INK, 8)
    c.form([(196, 130), (300, 130), (330, 170), (420, 170), (430, 220), (430, 474), (176, 474), (176, 180)], c.main)
    c.box(170, 446, 436, 476, c.main, 14)
    c.soft([(316, 190), (400, 190), (402, 270), (320, 270)], c.deep)
    c.soft([(324, 200), (392, 200), (394, 260), (328, 260)], c.backdrop)
    c.box(200, 290, 404, 430, PAPER, 8)
    c.soft([(302, 302), (332, 366), (302, 396), (272, 366)], GOLD)
    c.line([(240, 412), (364, 412)], INK, 9)
    c.box(184, 220, 196, 440, c.pale, 5)


def sunshade(c: Canvas) -> None:
    c.shadow(80, 520, 430)
    c.soft([(90, 200), (300, 150), (510, 200), (540, 330), (500, 400), (300, 380), (100, 400), (60, 330)], INK)
    c.soft([(104, 212), (300, 166), (496, 212), (522, 328), (486, 386), (300, 364), (114, 386), (78, 328)], SILVER)
    for x in (170, 235, 300, 365, 430):
        c.line([(x, 196), (x + (x - 300) * 0.08, 372)], STEEL, 5)
    c.disc(300, 278, 46, (255, 206, 84))
    for turn in range(8):
        c.line(turned([(300, 218), (300, 200)], turn * 45, (300, 278)), (255, 206, 84), 9)


SHAPES: Final[Shapes] = {
    "bands": bands,
    "basketball": basketball,
    "bin-bags": bin_bags,
    "broom": broom,
    "car": car,
    "car-battery": car_battery,
    "cargo-trike": cargo_trike,
    "chain-kit": chain_kit,
    "cloths": cloths,
    "cups": cups,
    "detergent": detergent,
    "drying-rack": drying_rack,
    "dumbbell": dumbbell,
    "foil-roll": foil_roll,
    "foil-tray": foil_tray,
    "football": football,
    "gloves": gloves,
    "grill": grill,
    "helmet": helmet,
    "jacket": jacket,
    "jug": jug,
    "kettlebell": kettlebell,
    "kitchen-roll": kitchen_roll,
    "mop": mop,
    "motorcycle": motorcycle,
    "napkins": napkins,
    "oil-canister": oil_canister,
    "pickup": pickup,
    "racket": racket,
    "scooter": scooter,
    "sponge": sponge,
    "sport-bottle": sport_bottle,
    "spray-bottle": spray_bottle,
    "storage-box": storage_box,
    "sunshade": sunshade,
    "tent": tent,
    "till-roll": till_roll,
    "tissue-box": tissue_box,
    "toilet-roll": toilet_roll,
    "tyre": tyre,
    "volleyball": volleyball,
    "wipes": wipes,
    "yoga-mat": yoga_mat,
}
