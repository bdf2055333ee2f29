"""Pictures of cosmetics, fragrances, food and drink."""

from __future__ import annotations

from typing import Final

from entrepot.demo.pictures.canvas import (
    COAL,
    GLASS,
    GOLD,
    INK,
    LEAF,
    PAPER,
    RED,
    SILVER,
    STEEL,
    WHITE,
    WOOD,
    Canvas,
    Colour,
    Shapes,
    bar,
    bent,
    dark,
    light,
    mix,
    turned,
)


def _label(c: Canvas, left: float, top: float, right: float, bottom: float, mark: Colour) -> None:
    """A paper label with a sign and two lines."""
    middle = (left + right) / 2
    c.box(left, top, right, bottom, PAPER, 6)
    height = bottom - top
    c.disc(middle, top + height * 0.34, min(height * 0.2, (right - left) * 0.2), mark)
    c.line(
        [(left + (right - left) * 0.24, top + height * 0.68), (right - (right - left) * 0.24, top + height * 0.68)],
        INK,
        6,
    )
    c.line(
        [(left + (right - left) * 0.32, top + height * 0.82), (right - (right - left) * 0.32, top + height * 0.82)],
        STEEL,
        4,
    )


def lipstick(c: Canvas) -> None:
    c.shadow(190, 410)
    c.form([(268, 128), (332, 96), (332, 250), (268, 250)], c.main)
    c.form([(268, 128), (332, 96), (332, 118), (268, 150)], c.light)
    c.box(258, 228, 342, 320, GOLD, 4)
    c.box(258, 228, 282, 320, light(GOLD, 0.4), 4)
    c.box(244, 312, 356, 474, INK, 8)
    c.box(244, 312, 268, 474, COAL, 8)
    c.box(244, 330, 356, 340, GOLD)


def mascara(c: Canvas) -> None:
    c.shadow(170, 430)
    c.form(turned(bar(222, 230, 274, 480), -10), c.main)
    c.form(turned(bar(222, 262, 274, 272), -10), GOLD)
    c.form(turned(bar(338, 96, 382, 280), 12), c.main)
    c.form(turned(bar(338, 268, 382, 280), 12), GOLD)
    c.form(turned(bar(355, 280, 365, 360), 12), STEEL)
    c.soft(turned([(334, 340), (386, 340), (380, 480), (340, 480)], 12), INK)
    for y in range(356, 470, 14):
        c.line(turned([(338, y), (382, y + 8)], 12), COAL, 4)


def pencil(c: Canvas) -> None:
    c.shadow(150, 450)
    for offset, colour in ((-44, c.main), (44, dark(c.main, 0.2))):
        body = bar(282 + offset, 110, 318 + offset, 400)
        c.form(turned(body, 28), colour)
        c.form(turned(bar(282 + offset, 110, 318 + offset, 140), 28), GOLD)
        c.form(turned([(282 + offset, 400), (318 + offset, 400), (300 + offset, 460)], 28), WOOD)
        c.form(turned([(292 + offset, 434), (308 + offset, 434), (300 + offset, 462)], 28), INK)
    c.curve([(120, 440), (180, 390), (240, 480), (300, 450)], INK, 8)


def palette(c: Canvas) -> None:
    c.shadow(90, 510, 440)
    c.box(96, 130, 504, 280, c.deep, 18)
    c.box(112, 146, 488, 268, GLASS, 10)
    c.form([(150, 268), (250, 146), (300, 146), (200, 268)], WHITE)
    c.box(96, 272, 504, 430, INK, 18)
    for row in range(2):
        for column in range(6):
            shade = mix(mix(PAPER, c.main, (column + 1) / 6), INK, row * 0.35)
            c.box(118 + column * 62, 290 + row * 66, 170 + column * 62, 344 + row * 66, shade, 8)


def compact(c: Canvas) -> None:
    c.shadow(160, 440)
    c.disc(300, 210, 128, GOLD)
    c.disc(300, 210, 112, GLASS)
    c.form([(220, 250), (310, 120), (344, 120), (240, 290)], WHITE)
    c.oval(164, 300, 436, 476, dark(GOLD))
    c.oval(164, 290, 436, 460, GOLD)
    c.oval(190, 308, 410, 440, c.main)
    c.curve([(220, 370), (280, 340), (340, 350)], c.light, 9)


def nail_polish(c: Canvas) -> None:
    c.shadow(120, 480)
    for x, fill in ((196, light(c.main, 0.5)), (404, (236, 214, 214)), (300, c.main)):
        c.box(x - 26, 120, x + 26, 292, INK, 12)
        c.box(x - 60, 284, x + 60, 470, GLASS, 26)
        c.box(x - 50, 300, x + 50, 460, fill, 20)
        c.line([(x - 32, 326), (x - 32, 400)], light(fill, 0.6), 9)


def brushes(c: Canvas) -> None:
    c.shadow(150, 450)
    for index, (x, width, tilt) in enumerate(
        ((180, 34, -14), (240, 22, -6), (300, 44, 0), (364, 18, 7), (420, 28, 14))
    ):
        pivot = (300, 560)
        c.form(turned(bar(x - 7, 270, x + 7, 470), tilt, pivot), WOOD)
        c.form(turned(bar(x - width / 3, 236, x + width / 3, 282), tilt, pivot), GOLD if index % 2 else SILVER)
        c.soft(
            turned([(x - width, 110), (x + width, 110), (x + width / 2, 260), (x - width / 2, 260)], tilt, pivot),
            c.main,
        )
        c.soft(turned([(x - width * 0.8, 110), (x + width * 0.8, 110), (x, 170)], tilt, pivot), c.light)
    c.box(150, 400, 450, 474, c.deep, 14)
    c.line([(166, 420), (434, 420)], c.light, 4)


def perfume(c: Canvas) -> None:
    c.shadow(170, 430)
    c.box(270, 96, 330, 150, GOLD, 8)
    c.box(280, 146, 320, 196, light(GOLD, 0.3), 4)
    c.soft([(190, 180), (410, 180), (450, 330), (410, 484), (190, 484), (150, 330)], light(c.main, 0.55))
    c.soft([(206, 270), (394, 270), (428, 350), (394, 470), (206, 470), (172, 350)], c.main)
    c.shine([(206, 270), (196, 360)], c.main, 11)
    _label(c, 250, 300, 350, 410, c.deep)


def perfume_square(c: Canvas) -> None:
    c.shadow(170, 430)
    c.box(252, 96, 348, 186, INK, 8)
    c.box(252, 112, 348, 122, GOLD)
    c.box(274, 180, 326, 214, GOLD, 4)
    c.box(176, 206, 424, 474, light(c.main, 0.5), 16)
    c.box(196, 240, 404, 458, c.main, 8)
    c.form([(196, 240), (240, 240), (196, 400)], c.light)
    c.box(240, 300, 360, 400, GOLD, 4)
    c.line([(262, 336), (338, 336)], INK, 7)
    c.line([(276, 366), (324, 366)], INK, 5)


def perfume_tall(c: Canvas) -> None:
    c.shadow(200, 400)
    c.box(256, 90, 344, 196, light(c.main, 0.2), 10)
    c.box(256, 90, 280, 196, light(c.main, 0.5), 10)
    c.box(270, 190, 330, 216, SILVER, 4)
    c.box(216, 210, 384, 476, light(c.main, 0.55), 34)
    c.box(228, 270, 372, 466, c.main, 26)
    _label(c, 246, 310, 354, 420, c.deep)
    c.shine([(242, 290), (242, 430)], c.main, 7)


def roll_on(c: Canvas) -> None:
    c.shadow(210, 390)
    c.box(258, 96, 342, 230, GOLD, 14)
    c.box(258, 96, 282, 230, light(GOLD, 0.4), 12)
    c.box(264, 224, 336, 476, GLASS, 16)
    c.box(272, 280, 328, 468, c.main, 10)
    c.oval(270, 226, 330, 262, SILVER)
    _label(c, 272, 330, 328, 420, c.deep)


def cream_jar(c: Canvas) -> None:
    c.shadow(150, 450)
    c.box(156, 270, 444, 470, c.main, 40)
    c.box(156, 270, 220, 470, c.light, 34)
    c.box(196, 270, 240, 470, c.main)
    c.box(146, 180, 454, 284, WHITE, 22)
    c.box(146, 256, 454, 284, SILVER, 12)
    c.line([(172, 206), (330, 206)], SILVER, 8)
    _label(c, 244, 314, 356, 430, c.deep)


def pump_bottle(c: Canvas) -> None:
    c.shadow(190, 410)
    c.line([(300, 200), (300, 128), (238, 128), (222, 148)], COAL, 17)
    c.box(266, 176, 334, 222, COAL, 8)
    c.soft([(200, 196), (400, 196), (410, 330), (400, 484), (200, 484), (190, 330)], c.main)
    c.box(206, 270, 394, 474, c.main, 24)
    c.shine([(224, 270), (222, 430)], c.main, 10)
    _label(c, 240, 300, 360, 432, c.deep)


def tube(c: Canvas) -> None:
    c.shadow(210, 390)
    c.form([(196, 96), (404, 96), (368, 420), (232, 420)], c.main)
    c.form([(196, 96), (244, 96), (256, 420), (232, 420)], c.light)
    c.box(194, 90, 406, 116, c.dark, 4)
    for x in range(206, 400, 16):
        c.line([(x, 94), (x, 110)], c.light, 3)
    c.form([(252, 180), (348, 180), (338, 330), (262, 330)], PAPER)
    c.disc(300, 224, 22, c.deep)
    c.line([(272, 276), (328, 276)], INK, 6)
    c.line([(280, 302), (320, 302)], STEEL, 4)
    c.box(240, 416, 360, 476, WHITE, 12)
    c.box(240, 416, 360, 432, SILVER)


def dropper(c: Canvas) -> None:
    c.shadow(210, 390)
    c.soft([(270, 80), (330, 80), (340, 180), (260, 180)], INK)
    c.box(262, 160, 338, 220, GOLD, 8)
    c.box(292, 214, 308, 420, WHITE, 7)
    c.box(216, 214, 384, 476, dark(c.main, 0.1), 40)
    c.box(228, 300, 372, 466, c.main, 30)
    c.box(294, 220, 306, 400, light(c.main, 0.7), 5)
    _label(c, 244, 330, 356, 440, c.deep)
    c.soft([(450, 360), (474, 410), (450, 436), (426, 410)], c.main)


def soap(c: Canvas) -> None:
    c.shadow(110, 490, 450)
    c.form([(110, 310), (200, 230), (500, 250), (430, 340)], c.light)
    c.form([(110, 310), (430, 340), (430, 450), (110, 420)], c.main)
    c.form([(430, 340), (500, 250), (500, 360), (430, 450)], c.dark)
    c.oval(190, 340, 350, 424, c.dark)
    c.oval(200, 348, 340, 416, c.main)
    c.line([(232, 380), (308, 386)], c.deep, 8)
    for x, y, radius in ((180, 180, 30), (244, 150, 20), (150, 130, 16), (300, 186, 13)):
        c.disc(x, y, radius, light(c.backdrop, 0.85))
        c.ring(x, y, radius, SILVER, 3)


def lip_balm(c: Canvas) -> None:
    c.shadow(210, 390)
    c.slice(268, 110, 332, 210, 180, 360, c.light)
    c.box(268, 156, 332, 230, c.light)
    c.box(256, 220, 344, 470, c.main, 10)
    c.box(256, 220, 280, 470, c.pale, 8)
    c.box(256, 440, 344, 474, c.dark, 8)
    for x, y in ((304, 280), (326, 318), (304, 356)):
        points = [turned([(x, y - 20)], 60 * i, (x, y))[0] for i in range(6)]
        c.form(points, c.deep)
        c.form([(x + (px - x) * 0.7, y + (py - y) * 0.7) for px, py in points], c.pale)


def jar(c: Canvas) -> None:
    c.shadow(170, 430)
    c.box(178, 190, 422, 472, GLASS, 44)
    c.box(190, 226, 410, 462, c.main, 36)
    c.box(192, 130, 408, 206, GOLD, 12)
    c.box(192, 180, 408, 196, dark(GOLD))
    c.shine([(208, 250), (208, 400)], c.main, 11)
    _label(c, 240, 270, 360, 410, c.deep)


def tub(c: Canvas) -> None:
    c.shadow(170, 430)
    c.form([(166, 210), (434, 210), (408, 472), (192, 472)], WHITE)
    c.form([(172, 270), (428, 270), (414, 410), (186, 410)], c.main)
    c.box(150, 178, 450, 220, c.dark, 14)
    c.box(150, 206, 450, 220, c.deep, 6)
    c.soft([(240, 290), (360, 290), (380, 350), (300, 396), (220, 350)], WHITE)
    c.curve([(262, 350), (290, 310), (320, 360), (346, 324)], c.main, 9)


def cheese(c: Canvas) -> None:
    c.shadow(110, 490, 450)
    c.form([(110, 310), (440, 210), (500, 290), (500, 330), (110, 330)], (250, 236, 196))
    c.form([(110, 322), (500, 322), (500, 440), (110, 440)], c.main)
    c.form([(110, 322), (500, 322), (500, 340), (110, 340)], dark(c.main, 0.08))
    for x, y, radius in (
        (180, 386, 21),
        (270, 410, 14),
        (340, 376, 26),
        (440, 400, 18),
        (250, 300, 15),
        (380, 268, 15),
    ):
        c.oval(x - radius, y - radius * 0.8, x + radius, y + radius * 0.8, dark(c.main, 0.14))
    for x in (150, 230, 420):
        c.line([(x, 350), (x + 12, 360)], LEAF, 6)


def apple(c: Canvas) -> None:
    c.shadow(170, 430)
    c.soft(
        [
            (300, 190),
            (400, 120),
            (500, 240),
            (440, 460),
            (330, 500),
            (300, 470),
            (270, 500),
            (160, 460),
            (100, 240),
            (200, 120),
        ],
        c.main,
    )
    c.soft([(170, 230), (240, 190), (220, 300), (190, 380), (150, 310)], c.light)
    c.curve([(300, 210), (296, 150), (330, 100)], (110, 74, 48), 12)
    c.form(bent([(312, 150), (350, 90), (420, 110)], 10) + bent([(420, 110), (380, 170), (312, 150)], 10), LEAF)


def pomegranate(c: Canvas) -> None:
    c.shadow(150, 450)
    c.disc(280, 310, 160, c.main)
    c.form([(246, 166), (236, 100), (268, 130), (290, 92), (310, 130), (342, 102), (330, 166)], c.dark)
    c.slice(158, 170, 260, 450, 90, 270, c.light)
    c.disc(392, 380, 106, c.dark)
    c.disc(392, 380, 94, (250, 226, 196))
    for row in range(5):
        for column in range(5):
            x, y = 342 + column * 25 + (row % 2) * 12, 326 + row * 27
            if (x - 392) ** 2 + (y - 380) ** 2 < 74**2:
                c.oval(x - 10, y - 12, x + 10, y + 12, c.deep if (row + column) % 3 == 0 else c.main)


def tomato(c: Canvas) -> None:
    c.shadow(110, 490, 460)
    for x, y, radius in ((200, 350, 100), (400, 350, 100), (300, 280, 112)):
        c.disc(x, y, radius, dark(c.main, 0.12))
        c.disc(x - 4, y - 4, radius - 10, c.main)
        c.oval(x - radius * 0.6, y - radius * 0.5, x - radius * 0.2, y, c.light)
        for turn in range(5):
            c.form(
                turned(
                    [(x - 9, y - radius + 16), (x + 9, y - radius + 16), (x, y - radius - 26)],
                    turn * 64 - 128,
                    (x, y - radius + 22),
                ),
                LEAF,
            )
    c.curve([(200, 250), (250, 130), (300, 160), (420, 120)], LEAF, 12)


def potatoes(c: Canvas) -> None:
    c.shadow(100, 500, 470)
    c.soft([(180, 120), (420, 120), (500, 330), (470, 480), (130, 480), (100, 330)], (214, 190, 150))
    c.soft([(220, 90), (380, 90), (360, 190), (240, 190)], (196, 170, 128))
    c.curve([(230, 172), (300, 190), (370, 172)], (150, 110, 70), 10)
    for x in (170, 230, 300, 370, 430):
        c.line([(x, 230), (x, 450)], (196, 170, 128), 5)
    c.soft([(220, 260), (380, 260), (390, 380), (210, 380)], PAPER)
    for x, y, tilt in ((262, 316, -20), (330, 332, 14), (140, 452, 8), (210, 462, -8), (456, 456, -14)):
        c.soft(turned([(x - 48, y - 32), (x + 48, y - 32), (x + 48, y + 32), (x - 48, y + 32)], tilt, (x, y)), c.main)
        c.disc(x - 12, y - 4, 4, c.dark)
        c.disc(x + 14, y + 6, 4, c.dark)


def eggs(c: Canvas) -> None:
    c.shadow(80, 520, 450)
    for row in range(2):
        for column in range(6):
            x, y = 130 + column * 68, 250 + row * 62
            c.oval(x - 28, y - 44, x + 28, y + 36, c.main if (row + column) % 3 else light(c.main, 0.4))
            c.oval(x - 16, y - 32, x - 2, y - 8, light(c.main, 0.65))
    c.box(84, 330, 516, 440, (128, 146, 160), 22)
    c.box(84, 300, 516, 346, (150, 168, 182), 16)
    for column in range(6):
        c.oval(104 + column * 68, 356, 156 + column * 68, 424, (112, 130, 146))


def bread(c: Canvas) -> None:
    c.shadow(110, 490, 460)
    for index in range(4):
        y = 410 - index * 54
        c.oval(110, y - 52, 490, y + 46, dark(c.main, 0.18))
        c.oval(110, y - 62, 490, y + 32, c.main if index % 2 else light(c.main, 0.15))
    y = 248
    for x, offset in ((190, 0), (250, -22), (310, 8), (372, -14), (420, 8), (236, 18), (350, 14), (300, -30)):
        c.oval(x - 17, y - 20 + offset, x + 17, y - 6 + offset, dark(c.main, 0.32))


def biscuits(c: Canvas) -> None:
    c.shadow(90, 510, 450)
    c.box(96, 240, 504, 440, (150, 40, 48), 18)
    c.box(112, 256, 488, 424, PAPER, 10)
    for row in range(3):
        for column in range(6):
            x, y = 146 + column * 62, 286 + row * 54
            c.disc(x, y, 25, c.main)
            c.arc(x, y, 17, 0, 320, dark(c.main, 0.5), 5)
            c.arc(x, y, 9, 90, 360, dark(c.main, 0.5), 4)
    c.form([(96, 240), (504, 240), (470, 150), (130, 150)], (180, 60, 66))
    c.form([(150, 164), (450, 164), (470, 226), (130, 226)], GOLD)


def oil_bottle(c: Canvas) -> None:
    c.shadow(210, 390)
    c.box(270, 80, 330, 120, INK, 6)
    c.box(278, 112, 322, 210, dark(c.main, 0.3), 6)
    c.soft([(258, 180), (342, 180), (376, 260), (376, 484), (224, 484), (224, 260)], dark(c.main, 0.3))
    c.box(224, 270, 376, 474, dark(c.main, 0.3), 18)
    c.shine([(244, 270), (244, 440)], c.main, 8)
    c.box(236, 290, 364, 420, PAPER, 4)
    c.oval(280, 308, 320, 360, c.main)
    c.curve([(300, 312), (340, 290), (350, 310)], LEAF, 7)
    c.line([(264, 384), (336, 384)], INK, 6)


def oil_tin(c: Canvas) -> None:
    c.shadow(170, 430)
    c.curve([(230, 130), (250, 70), (350, 70), (370, 130)], STEEL, 10)
    c.box(176, 126, 424, 474, SILVER, 14)
    c.box(182, 150, 418, 450, c.main)
    c.box(182, 150, 222, 450, c.light)
    c.box(350, 96, 392, 132, RED, 8)
    c.disc(306, 286, 84, PAPER)
    for turn in range(12):
        c.form(turned([(296, 236), (316, 236), (306, 210)], turn * 30, (306, 286)), GOLD)
    c.disc(306, 286, 52, GOLD)
    c.disc(306, 286, 34, (110, 74, 48))
    c.line([(240, 412), (376, 412)], PAPER, 13)


def pouch(c: Canvas) -> None:
    c.shadow(170, 430)
    c.form([(182, 110), (418, 110), (436, 470), (164, 470)], c.main)
    c.form([(182, 110), (230, 110), (216, 470), (164, 470)], c.light)
    c.box(178, 100, 422, 140, c.deep, 4)
    c.line([(186, 156), (414, 156)], c.dark, 4)
    c.box(226, 210, 374, 330, PAPER, 8)
    c.disc(300, 256, 28, c.main)
    c.line([(256, 306), (344, 306)], INK, 6)
    c.soft([(230, 360), (370, 360), (380, 430), (220, 430)], c.deep)
    for x, y in ((262, 386), (300, 404), (336, 386), (300, 376)):
        c.disc(x, y, 11, c.light)


def sack(c: Canvas) -> None:
    c.shadow(150, 450)
    c.soft([(160, 120), (440, 120), (470, 300), (450, 490), (150, 490), (130, 300)], PAPER)
    c.form([(170, 126), (430, 126), (446, 150), (154, 150)], c.deep)
    for x in range(170, 440, 18):
        c.line([(x, 130), (x + 8, 146)], PAPER, 3)
    c.soft([(150, 210), (450, 210), (458, 320), (450, 400), (150, 400), (142, 320)], c.main)
    c.disc(300, 300, 66, PAPER)
    c.curve([(300, 350), (300, 300), (310, 244)], GOLD, 7)
    for index in range(4):
        y = 262 + index * 20
        c.oval(272, y, 298, y + 12, GOLD)
        c.oval(304, y - 6, 330, y + 6, GOLD)
    c.line([(220, 440), (380, 440)], STEEL, 8)


def tin(c: Canvas) -> None:
    c.shadow(180, 420)
    c.box(184, 160, 416, 470, SILVER, 24)
    c.box(184, 206, 416, 430, c.main)
    c.box(184, 206, 226, 430, c.light)
    c.oval(184, 130, 416, 192, SILVER)
    c.oval(196, 138, 404, 184, STEEL)
    c.ring(330, 158, 15, SILVER, 6)
    c.line([(300, 160), (324, 158)], SILVER, 7)
    c.disc(300, 300, 62, PAPER)
    c.slice(258, 262, 342, 346, 0, 180, c.main)
    c.box(252, 298, 348, 308, c.deep, 5)
    c.curve([(286, 288), (278, 276), (294, 268), (286, 256)], c.dark, 5)
    c.curve([(314, 288), (306, 276), (322, 268), (314, 256)], c.dark, 5)
    c.line([(236, 400), (364, 400)], PAPER, 8)


def flat_tin(c: Canvas) -> None:
    c.shadow(110, 490, 450)
    c.box(112, 260, 488, 430, dark(c.main, 0.3), 60)
    c.oval(112, 190, 488, 390, SILVER)
    c.oval(128, 200, 472, 378, c.main)
    body = bent([(200, 290), (270, 230), (370, 290)], 12) + bent([(370, 290), (270, 350), (200, 290)], 12)
    c.form(body, PAPER)
    c.form([(360, 290), (412, 256), (412, 324)], PAPER)
    c.disc(234, 282, 7, INK)
    c.ring(300, 216, 15, STEEL, 6)
    c.curve([(280, 262), (296, 290), (280, 318)], c.main, 5)


def carton(c: Canvas) -> None:
    c.shadow(110, 490, 460)
    c.form([(120, 220), (300, 270), (300, 470), (120, 410)], (206, 166, 116))
    c.form([(480, 220), (300, 270), (300, 470), (480, 410)], (184, 142, 94))
    c.form([(120, 220), (300, 166), (480, 220), (300, 270)], (226, 192, 146))
    c.form([(196, 196), (226, 188), (404, 240), (376, 248)], (240, 226, 198))
    c.form([(376, 248), (404, 240), (404, 300), (376, 310)], (240, 226, 198))
    c.form([(146, 270), (266, 304), (266, 400), (146, 362)], c.main)
    c.form([(166, 296), (246, 318), (246, 330), (166, 308)], PAPER)
    c.form([(166, 322), (220, 337), (220, 349), (166, 334)], PAPER)
    c.form([(430, 350), (452, 342), (452, 386), (430, 396)], INK)


def tea_tin(c: Canvas) -> None:
    c.shadow(190, 410)
    c.box(196, 170, 404, 474, c.main, 16)
    c.box(196, 170, 236, 474, c.light, 14)
    c.box(190, 110, 410, 190, GOLD, 14)
    c.box(190, 168, 410, 190, dark(GOLD), 8)
    c.frame(222, 216, 378, 440, GOLD, 5, 8)
    _teapot(c, 300, 320, 1.0)


def _teapot(c: Canvas, x: float, y: float, size: float) -> None:
    c.curve(
        [
            (x + 38 * size, y - 14 * size),
            (x + 84 * size, y - 30 * size),
            (x + 70 * size, y + 34 * size),
            (x + 34 * size, y + 26 * size),
        ],
        PAPER,
        9 * size,
    )
    c.line([(x - 34 * size, y + 10 * size), (x - 70 * size, y - 24 * size)], PAPER, 13 * size)
    c.oval(x - 48 * size, y - 38 * size, x + 48 * size, y + 46 * size, PAPER)
    c.oval(x - 24 * size, y - 48 * size, x + 24 * size, y - 26 * size, PAPER)
    c.disc(x, y - 52 * size, 8 * size, PAPER)


def tea_box(c: Canvas) -> None:
    c.shadow(120, 480, 456)
    c.form([(126, 220), (420, 220), (420, 450), (126, 450)], c.main)
    c.form([(420, 220), (480, 186), (480, 414), (420, 450)], c.dark)
    c.form([(126, 220), (186, 186), (480, 186), (420, 220)], c.light)
    c.box(152, 246, 394, 424, GOLD, 6)
    c.box(162, 256, 384, 414, c.deep, 4)
    _teapot(c, 270, 344, 1.1)


def sweet_box(c: Canvas) -> None:
    c.shadow(120, 480, 456)
    c.box(126, 200, 474, 450, PAPER, 14)
    c.box(126, 200, 474, 450, c.main, 14)
    c.box(146, 222, 454, 428, PAPER, 8)
    for row in range(3):
        for column in range(5):
            left, top = 162 + column * 57, 236 + row * 62
            shade = (c.main, light(c.main, 0.5), (196, 214, 150))[(row + column) % 3]
            c.box(left, top, left + 46, top + 50, shade, 8)
            c.disc(left + 23, top + 25, 7, LEAF)
    c.box(286, 190, 314, 460, RED)
    c.soft([(300, 200), (220, 140), (230, 220)], RED)
    c.soft([(300, 200), (380, 140), (370, 220)], RED)
    c.disc(300, 196, 17, dark(RED))


def crisps(c: Canvas) -> None:
    c.shadow(180, 420)
    c.form(bent([(190, 104), (170, 290), (186, 470)], 10) + bent([(414, 470), (430, 290), (410, 104)], 10), c.main)
    for top in (100, 452):
        c.box(186, top, 414, top + 24, GOLD, 3)
        for x in range(194, 412, 12):
            c.line([(x, top + 3), (x, top + 21)], dark(GOLD), 2)
    c.soft([(210, 180), (390, 180), (390, 280), (210, 280)], PAPER)
    c.line([(250, 220), (350, 220)], c.deep, 11)
    c.line([(266, 246), (334, 246)], STEEL, 6)
    for x, y, tilt in ((256, 340, -18), (334, 356, 20), (290, 400, 4)):
        c.soft(
            turned([(x - 46, y - 32), (x + 46, y - 32), (x + 46, y + 32), (x - 46, y + 32)], tilt, (x, y)),
            (246, 206, 110),
        )
        c.line(turned([(x - 24, y), (x + 24, y)], tilt, (x, y)), (222, 176, 80), 5)


def juice(c: Canvas) -> None:
    c.shadow(200, 410)
    c.line([(330, 130), (352, 74), (400, 70)], RED, 9)
    c.form([(210, 190), (250, 116), (370, 116), (390, 190)], light(c.main, 0.4))
    c.form([(250, 116), (370, 116), (370, 96), (250, 96)], PAPER)
    c.box(210, 186, 390, 474, PAPER, 6)
    c.box(210, 240, 390, 474, c.main, 6)
    c.form([(210, 240), (300, 280), (390, 240), (390, 210), (210, 210)], c.main)
    c.disc(300, 360, 58, c.light)
    c.disc(300, 360, 44, c.deep)
    for turn in range(8):
        c.line(turned([(300, 360), (300, 322)], turn * 45, (300, 360)), c.light, 4)
    c.disc(314, 152, 17, c.deep)


def milk_carton(c: Canvas) -> None:
    c.shadow(200, 410)
    c.form([(210, 190), (250, 110), (350, 110), (390, 190)], SILVER)
    c.box(248, 92, 352, 120, WHITE, 4)
    c.box(210, 186, 390, 474, WHITE, 6)
    c.form([*bent([(210, 300), (260, 260), (330, 340), (390, 290)], 16), (390, 474), (210, 474)], c.main)
    c.oval(270, 220, 330, 270, LEAF)
    c.line([(300, 262), (300, 228)], WHITE, 4)
    c.line([(240, 400), (360, 400)], WHITE, 9)
    c.line([(260, 430), (340, 430)], c.pale, 6)


def _bottle(c: Canvas, x: float) -> None:
    c.box(x - 15, 178, x + 15, 202, c.deep, 5)
    c.soft(
        [(x - 20, 196), (x + 20, 196), (x + 34, 260), (x + 34, 450), (x - 34, 450), (x - 34, 260)], light(c.main, 0.5)
    )
    c.box(x - 33, 270, x + 33, 440, light(c.main, 0.5), 10)
    c.box(x - 33, 310, x + 33, 370, c.main)
    c.line([(x - 20, 262), (x - 20, 300)], WHITE, 5)


def water_pack(c: Canvas) -> None:
    c.shadow(90, 510, 456)
    for x in (160, 230, 300, 370, 440):
        _bottle(c, x)
    c.box(106, 396, 494, 452, light(c.main, 0.7), 12)
    c.line([(120, 410), (480, 410)], WHITE, 6)
    c.curve([(250, 190), (300, 130), (350, 190)], c.deep, 10)


def cooler_bottle(c: Canvas) -> None:
    c.shadow(180, 420)
    c.box(264, 80, 336, 140, c.deep, 10)
    c.soft([(256, 120), (344, 120), (430, 210), (430, 484), (170, 484), (170, 210)], c.main)
    c.box(176, 230, 424, 470, c.main, 28)
    for y in (250, 310, 370):
        c.box(170, y, 430, y + 14, c.dark, 7)
    c.shine([(206, 230), (206, 430)], c.main, 12)
    c.box(240, 394, 360, 446, WHITE, 10)
    c.line([(262, 420), (338, 420)], c.deep, 8)


def drink_can(c: Canvas) -> None:
    c.shadow(200, 400)
    c.form([(232, 118), (368, 118), (392, 156), (208, 156)], SILVER)
    c.box(208, 150, 392, 450, c.main)
    c.box(208, 150, 246, 450, c.light)
    c.form([(208, 448), (392, 448), (370, 478), (230, 478)], SILVER)
    c.oval(232, 104, 368, 132, STEEL)
    c.oval(280, 108, 330, 124, SILVER)
    c.disc(300, 290, 60, (250, 220, 80))
    c.disc(300, 290, 48, (255, 244, 180))
    for turn in range(8):
        c.line(turned([(300, 290), (300, 250)], turn * 45, (300, 290)), (250, 220, 80), 5)
    for x, y in ((240, 210), (356, 220), (350, 380), (250, 400), (300, 190)):
        c.disc(x, y, 8, WHITE)


SHAPES: Final[Shapes] = {
    "apple": apple,
    "biscuits": biscuits,
    "bread": bread,
    "brushes": brushes,
    "carton": carton,
    "cheese": cheese,
    "compact": compact,
    "cooler-bottle": cooler_bottle,
    "cream-jar": cream_jar,
    "crisps": crisps,
    "drink-can": drink_can,
    "dropper": dropper,
    "eggs": eggs,
    "flat-tin": flat_tin,
    "jar": jar,
    "juice": juice,
    "lip-balm": lip_balm,
    "lipstick": lipstick,
    "mascara": mascara,
    "milk-carton": milk_carton,
    "nail-polish": nail_polish,
    "oil-bottle": oil_bottle,
    "oil-tin": oil_tin,
    "palette": palette,
    "pencil": pencil,
    "perfume": perfume,
    "perfume-square": perfume_square,
    "perfume-tall": perfume_tall,
    "pomegranate": pomegranate,
    "potatoes": potatoes,
    "pouch": pouch,
    "pump-bottle": pump_bottle,
    "roll-on": roll_on,
    "sack": sack,
    "soap": soap,
    "sweet-box": sweet_box,
    "tea-box": tea_box,
    "tea-tin": tea_tin,
    "tin": tin,
    "tomato": tomato,
    "tub": tub,
    "tube": tube,
    "water-pack": water_pack,
}
