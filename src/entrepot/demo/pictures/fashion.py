"""Pictures of clothes, shoes, watches, bags, jewellery and sunglasses."""

from __future__ import annotations

import math
from functools import partial
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
    Point,
    Shapes,
    bent,
    dark,
    light,
    turned,
)


def _hanger(c: Canvas) -> None:
    c.arc(300, 96, 16, 120, 380, STEEL, 6)
    c.line([(300, 112), (300, 130)], STEEL, 6)


def _torso(c: Canvas, sleeve: str) -> None:
    """A top with `long`, `short` or no sleeves."""
    if sleeve == "long":
        c.form([(216, 136), (150, 176), (104, 410), (158, 426), (214, 244)], c.dark)
        c.form([(384, 136), (450, 176), (496, 410), (442, 426), (386, 244)], c.dark)
    elif sleeve == "short":
        c.form([(216, 136), (144, 176), (98, 280), (160, 310), (214, 236)], c.dark)
        c.form([(384, 136), (456, 176), (502, 280), (440, 310), (386, 236)], c.dark)
    c.form([(232, 130), (368, 130), (398, 148), (396, 466), (204, 466), (202, 148)], c.main)


def shirt(c: Canvas, *, sleeve: str = "long", check: bool = False, pocket: bool = True) -> None:
    c.shadow(180, 420)
    _hanger(c)
    _torso(c, sleeve)
    if check:
        for x in range(222, 396, 38):
            c.box(x, 150, x + 9, 466, c.deep)
        for y in range(170, 460, 40):
            c.box(204, y, 396, y + 9, c.light)
    c.box(290, 150, 310, 466, c.light)
    for y in range(200, 460, 52):
        c.disc(300, y, 6, WHITE if sum(c.main) < 600 else STEEL)
    c.form([(246, 120), (300, 168), (262, 206), (224, 142)], c.light)
    c.form([(354, 120), (300, 168), (338, 206), (376, 142)], c.light)
    c.form([(262, 122), (338, 122), (300, 164)], c.deep)
    if pocket and not check:
        c.box(330, 236, 376, 288, c.dark, 5)


def polo(c: Canvas) -> None:
    c.shadow(180, 420)
    _torso(c, "short")
    c.form([(112, 264), (104, 284), (164, 312), (172, 292)], c.light)
    c.form([(488, 264), (496, 284), (436, 312), (428, 292)], c.light)
    c.box(288, 150, 312, 250, c.dark)
    for y in (182, 208, 234):
        c.disc(300, y, 5, WHITE)
    c.form([(248, 116), (300, 160), (270, 196), (230, 140)], c.light)
    c.form([(352, 116), (300, 160), (330, 196), (370, 140)], c.light)
    c.form([(266, 118), (334, 118), (300, 156)], c.deep)
    c.disc(350, 222, 9, c.pale)


def tee(c: Canvas, *, stripes: bool = False) -> None:
    c.shadow(180, 420)
    _torso(c, "short")
    if stripes:
        c.form([(232, 130), (368, 130), (398, 148), (396, 466), (204, 466), (202, 148)], PAPER)
        for y in range(170, 460, 32):
            c.box(203, y, 397, y + 14, c.main)
    c.slice(250, 84, 350, 186, 0, 180, c.deep)
    c.slice(258, 84, 342, 172, 0, 180, c.backdrop)
    if not stripes:
        c.box(204, 452, 396, 458, c.dark)


def sweater(c: Canvas) -> None:
    c.shadow(170, 430)
    _torso(c, "long")
    for x in range(222, 392, 24):
        c.line([(x, 190), (x, 430)], c.dark, 4)
    c.box(200, 436, 400, 470, c.deep, 8)
    c.form([(104, 396), (100, 418), (156, 434), (160, 410)], c.deep)
    c.form([(496, 396), (500, 418), (444, 434), (440, 410)], c.deep)
    c.slice(240, 82, 360, 192, 0, 180, c.deep)
    c.slice(256, 82, 344, 172, 0, 180, c.backdrop)


def hoodie(c: Canvas) -> None:
    c.shadow(170, 430)
    _torso(c, "long")
    c.soft([(220, 96), (380, 96), (410, 190), (300, 220), (190, 190)], c.dark)
    c.soft([(250, 118), (350, 118), (366, 176), (300, 200), (234, 176)], c.deep)
    c.line([(280, 196), (276, 270)], WHITE, 6)
    c.line([(320, 196), (324, 270)], WHITE, 6)
    c.form([(238, 352), (362, 352), (386, 420), (214, 420)], c.dark)
    c.box(200, 446, 400, 470, c.deep, 8)


def camisole(c: Canvas) -> None:
    c.shadow(190, 410)
    for x in (240, 360):
        c.line([(x, 110), (x, 200)], c.dark, 7)
    c.soft([(216, 180), (300, 250), (384, 180), (392, 330), (410, 470), (190, 470), (208, 330)], c.main)
    c.form([(222, 196), (300, 232), (378, 196), (404, 462), (196, 462)], c.main)
    c.curve([(222, 200), (300, 270), (378, 200)], c.light, 8)
    c.curve([(250, 300), (240, 380), (230, 456)], c.dark, 5)
    c.curve([(350, 300), (360, 380), (370, 456)], c.dark, 5)


def blouse(c: Canvas) -> None:
    c.shadow(170, 430)
    c.soft([(214, 140), (130, 170), (88, 330), (130, 400), (206, 300)], c.dark)
    c.soft([(386, 140), (470, 170), (512, 330), (470, 400), (394, 300)], c.dark)
    c.form([(230, 132), (370, 132), (394, 160), (380, 320), (412, 462), (188, 462), (220, 320), (206, 160)], c.main)
    c.form([(230, 132), (300, 290), (370, 132), (344, 128), (300, 226), (256, 128)], c.light)
    c.form([(256, 128), (344, 128), (300, 226)], c.backdrop)
    c.box(216, 306, 384, 330, c.deep, 8)
    c.form([(330, 318), (372, 400), (392, 392), (350, 316)], c.deep)
    c.form([(330, 318), (330, 412), (350, 412), (346, 318)], c.deep)


def tunic(c: Canvas) -> None:
    c.shadow(160, 440)
    c.form([(216, 130), (150, 170), (92, 360), (158, 386), (214, 244)], c.dark)
    c.form([(384, 130), (450, 170), (508, 360), (442, 386), (386, 244)], c.dark)
    c.form([(236, 124), (364, 124), (398, 146), (424, 472), (176, 472), (202, 146)], c.main)
    c.form([(268, 122), (332, 122), (300, 250)], c.backdrop)
    c.line([(264, 128), (300, 256), (336, 128)], GOLD, 10)
    for index in range(5):
        c.disc(300, 276 + index * 34, 8, GOLD)
    for x in range(190, 420, 24):
        c.disc(x, 456, 6, GOLD)
    c.line([(94, 350), (158, 374)], GOLD, 8)
    c.line([(506, 350), (442, 374)], GOLD, 8)


def vest(c: Canvas) -> None:
    c.shadow(180, 420)
    c.form([(228, 130), (300, 330), (300, 450), (220, 470), (196, 420), (210, 150)], c.main)
    c.form([(372, 130), (300, 330), (300, 450), (380, 470), (404, 420), (390, 150)], c.main)
    c.form([(228, 130), (262, 126), (300, 260), (300, 330)], c.light)
    c.form([(372, 130), (338, 126), (300, 260), (300, 330)], c.light)
    c.line([(232, 136), (300, 330), (368, 136)], GOLD, 8)
    c.line([(300, 330), (300, 450)], GOLD, 6)
    for y in (356, 392, 428):
        c.disc(284, y, 7, GOLD)
        c.disc(316, y, 7, GOLD)
    c.line([(222, 464), (298, 446)], GOLD, 7)
    c.line([(378, 464), (302, 446)], GOLD, 7)


def dress(c: Canvas, *, belt: bool = True) -> None:
    c.shadow(170, 430)
    c.form([(240, 110), (266, 106), (300, 150), (334, 106), (360, 110), (352, 250), (248, 250)], c.main)
    c.form([(248, 250), (352, 250), (420, 470), (180, 470)], c.main)
    c.form([(300, 250), (352, 250), (420, 470), (340, 470)], c.dark)
    c.form([(270, 250), (300, 250), (280, 470), (240, 470)], c.light)
    if belt:
        c.box(246, 238, 354, 260, c.deep, 6)
        c.box(288, 236, 312, 262, GOLD, 4)


def gown(c: Canvas) -> None:
    c.shadow(140, 460)
    c.form([(226, 110), (180, 150), (132, 330), (176, 340), (228, 216)], c.dark)
    c.form([(374, 110), (420, 150), (468, 330), (424, 340), (372, 216)], c.dark)
    c.form([(238, 104), (362, 104), (372, 130), (350, 240), (250, 240), (228, 130)], c.main)
    c.soft([(256, 216), (344, 216), (420, 400), (470, 486), (130, 486), (180, 400)], c.main)
    c.form([(250, 236), (350, 236), (446, 474), (154, 474)], c.main)
    c.curve([(270, 246), (230, 360), (206, 468)], c.light, 9)
    c.curve([(300, 246), (300, 360), (296, 468)], c.dark, 6)
    c.curve([(330, 246), (370, 360), (394, 468)], c.dark, 7)
    c.box(248, 228, 352, 246, GOLD, 5)
    for x, y in ((282, 150), (318, 150), (300, 180), (270, 200), (330, 200)):
        c.disc(x, y, 5, c.pale)
    c.slice(262, 76, 338, 138, 0, 180, c.backdrop)


def shirt_dress(c: Canvas) -> None:
    c.shadow(170, 430)
    c.form([(226, 120), (170, 150), (140, 240), (190, 262), (226, 206)], c.dark)
    c.form([(374, 120), (430, 150), (460, 240), (410, 262), (374, 206)], c.dark)
    c.form([(236, 112), (364, 112), (376, 130), (356, 270), (412, 470), (188, 470), (244, 270), (224, 130)], c.main)
    c.box(293, 130, 307, 470, c.light)
    for y in range(150, 460, 36):
        c.disc(300, y, 5, WHITE)
    c.form([(250, 104), (300, 144), (270, 178), (232, 124)], c.light)
    c.form([(350, 104), (300, 144), (330, 178), (368, 124)], c.light)
    c.box(240, 258, 360, 282, c.deep, 6)


def floral_dress(c: Canvas) -> None:
    dress(c, belt=False)
    spots = [(270, 180), (326, 200), (296, 226), (262, 300), (318, 312), (238, 366), (296, 380), (352, 372), (220, 432)]
    for x, y in [*spots, (276, 440), (336, 438), (388, 440)]:
        for turn in range(5):
            petal = turned([(x, y - 11)], turn * 72, (x, y))[0]
            c.disc(*petal, 8, RED)
        c.disc(x, y, 6, PAPER)
    c.box(246, 240, 354, 256, WHITE, 6)


def abaya(c: Canvas) -> None:
    c.shadow(140, 460)
    c.form([(240, 96), (360, 96), (500, 360), (440, 390), (440, 476), (160, 476), (160, 390), (100, 360)], c.main)
    c.form([(284, 96), (316, 96), (326, 476), (274, 476)], c.dark)
    for x in (270, 330):
        c.line([(x - (300 - x) * 0.4, 110), (x, 470)], GOLD, 7)
    for y in range(150, 470, 34):
        c.disc(300, y, 5, GOLD)
    c.line([(104, 348), (160, 380)], GOLD, 9)
    c.line([(496, 348), (440, 380)], GOLD, 9)
    c.slice(250, 60, 350, 130, 0, 180, c.backdrop)


def _sole(c: Canvas) -> None:
    c.shadow(90, 520, 440)


def sneaker(c: Canvas) -> None:
    _sole(c)
    upper = bent([(110, 300), (130, 220), (150, 250), (230, 250)], 12) + bent(
        [(230, 250), (330, 330), (440, 300), (500, 390)], 16
    )
    c.form([*upper, (500, 410), (100, 410)], c.main)
    c.form([(104, 330), (200, 330), (190, 410), (100, 410)], c.dark)
    c.form([*bent([(232, 252), (300, 304), (350, 318)], 10), (300, 380), (206, 350)], c.light)
    for index in range(4):
        x, y = 244 + index * 28, 270 + index * 17
        c.line([(x, y), (x - 30, y + 34)], WHITE, 7)
    c.curve([(180, 400), (270, 400), (330, 350), (360, 330)], WHITE, 12)
    c.box(92, 402, 508, 436, WHITE, 16)
    c.box(92, 424, 508, 440, c.deep, 8)


def formal_shoe(c: Canvas) -> None:
    _sole(c)
    upper = bent([(120, 280), (140, 240), (200, 256), (240, 262)], 12) + bent(
        [(240, 262), (330, 340), (470, 320), (506, 404)], 16
    )
    c.form([*upper, (506, 416), (112, 416)], c.main)
    c.form(
        [*bent([(390, 330), (370, 360), (380, 416)], 8), (506, 416), *bent([(506, 404), (480, 350), (390, 330)], 8)],
        c.dark,
    )
    c.form([(244, 264), (320, 318), (290, 356), (220, 330)], c.light)
    for index in range(3):
        x, y = 256 + index * 24, 284 + index * 15
        c.line([(x, y), (x - 18, y + 26)], INK, 5)
    c.shine([(420, 350), (460, 362)], c.main, 8)
    c.box(104, 410, 510, 424, INK, 6)
    c.box(104, 416, 200, 446, INK, 4)


def loafer(c: Canvas) -> None:
    _sole(c)
    upper = bent([(112, 330), (130, 280), (200, 300), (250, 300)], 12) + bent(
        [(250, 300), (340, 310), (470, 320), (506, 404)], 16
    )
    c.form([*upper, (506, 416), (112, 416)], c.main)
    c.form([(256, 300), (330, 312), (350, 372), (256, 352)], c.light)
    c.box(266, 326, 336, 342, c.deep, 6)
    c.oval(118, 290, 250, 322, c.deep)
    c.box(104, 410, 510, 428, INK, 6)
    c.box(104, 416, 196, 442, INK, 4)


def boot(c: Canvas, *, laced: bool = True) -> None:
    _sole(c)
    c.form([(150, 140), (300, 140), (306, 290), (400, 320), (480, 350), (500, 408), (140, 408)], c.main)
    c.soft([(380, 300), (500, 320), (520, 412), (360, 412)], c.main)
    c.form([(150, 140), (206, 140), (196, 408), (140, 408)], c.dark)
    c.box(138, 122, 308, 158, c.deep, 14)
    if laced:
        for index in range(5):
            y = 180 + index * 26
            c.line([(250, y), (306, y + 14)], PAPER, 7)
            c.disc(246, y, 6, GOLD)
        c.soft([(400, 330), (500, 330), (516, 412), (390, 412)], c.dark)
    else:
        c.form([(222, 160), (262, 160), (256, 300), (226, 300)], c.deep)
    c.box(128, 400, 512, 430, INK, 10)
    for x in range(140, 500, 32):
        c.box(x, 424, x + 18, 440, INK, 3)


def sandal(c: Canvas) -> None:
    _sole(c)
    c.form([*bent([(100, 390), (200, 360), (380, 420), (508, 380)], 16), (508, 430), (100, 430)], c.deep)
    c.form([*bent([(104, 378), (200, 346), (380, 404), (504, 368)], 16), (504, 398), (104, 408)], c.light)
    c.curve([(380, 400), (400, 290), (450, 290), (476, 384)], c.main, 34)
    c.curve([(270, 392), (290, 270), (350, 280), (380, 396)], c.main, 30)
    c.curve([(120, 384), (130, 260), (220, 250), (260, 384)], c.main, 26)
    c.box(196, 276, 230, 304, GOLD, 5)
    c.box(204, 284, 222, 296, c.main, 2)


def heel(c: Canvas) -> None:
    _sole(c)
    c.form([(126, 250), (168, 250), (178, 430), (142, 430)], c.deep)
    c.form(
        [
            *bent([(118, 240), (170, 250), (300, 420), (380, 416)], 18),
            (506, 416),
            (506, 430),
            (360, 430),
            *bent([(340, 430), (240, 400), (200, 300), (130, 290)], 14),
        ],
        c.deep,
    )
    c.form(
        bent([(118, 230), (180, 240), (300, 400), (390, 408)], 18)
        + bent([(390, 330), (440, 330), (520, 370), (504, 412)], 10)
        + [(370, 416)],
        c.main,
    )
    c.curve([(140, 236), (120, 160), (190, 140), (236, 190)], c.main, 16)
    c.disc(226, 182, 11, GOLD)
    c.shine([(420, 364), (458, 376)], c.main, 8)


def flat(c: Canvas) -> None:
    _sole(c)
    c.form(
        bent([(104, 340), (130, 290), (180, 360), (250, 364)], 12)
        + bent([(250, 364), (330, 360), (400, 300), (506, 400)], 14)
        + [(506, 418), (104, 418)],
        c.main,
    )
    c.form([*bent([(112, 342), (150, 330), (200, 372), (262, 366)], 12), (270, 386), (120, 366)], c.deep)
    c.form([(352, 336), (392, 318), (392, 362)], c.light)
    c.form([(432, 340), (392, 318), (392, 362)], c.light)
    c.disc(392, 340, 10, c.deep)
    c.box(98, 412, 508, 426, INK, 6)


def wedge(c: Canvas) -> None:
    _sole(c)
    c.form([(108, 320), (300, 380), (506, 404), (506, 432), (108, 432)], (214, 178, 120))
    for index in range(6):
        c.line([(110, 344 + index * 16), (506, 414 + index * 4)], (190, 150, 96), 4)
    c.form(bent([(350, 390), (380, 300), (470, 310), (506, 406)], 14), c.main)
    c.curve([(112, 322), (110, 230), (200, 210), (240, 270)], c.main, 22)
    c.curve([(150, 330), (180, 260), (240, 240), (262, 210)], c.light, 10)
    c.curve([(240, 262), (290, 250), (300, 220)], c.light, 9)


def _strap(c: Canvas, colour: tuple[int, int, int], *, links: bool = False) -> None:
    c.box(252, 74, 348, 230, colour, 14)
    c.box(252, 370, 348, 526, colour, 14)
    if links:
        for y in (*range(86, 200, 22), *range(400, 520, 22)):
            c.box(252, y, 348, y + 5, dark(colour, 0.3))
    else:
        for y in (430, 458, 486):
            c.oval(294, y, 306, y + 10, dark(colour, 0.5))
        c.line([(264, 100), (264, 190)], light(colour, 0.3), 4)
        c.line([(336, 100), (336, 190)], light(colour, 0.3), 4)


def _hands(c: Canvas, colour: tuple[int, int, int]) -> None:
    c.line([(300, 300), (300, 240)], colour, 7)
    c.line([(300, 300), (344, 322)], colour, 9)
    c.disc(300, 300, 9, colour)


def watch(c: Canvas) -> None:
    _strap(c, c.main if sum(c.main) < 640 else SILVER, links=sum(c.main) > 520)
    c.box(406, 286, 424, 314, STEEL, 5)
    c.disc(300, 300, 116, SILVER)
    c.disc(300, 300, 100, PAPER)
    for hour in range(12):
        mark = turned([(300, 214), (300, 226)], hour * 30)
        c.line(mark, INK, 8 if hour % 3 == 0 else 4)
    _hands(c, INK)
    c.line([(300, 300), (262, 352)], RED, 3)


def chronograph(c: Canvas) -> None:
    _strap(c, COAL)
    for y in (250, 300, 350):
        c.box(402, y - 10, 426, y + 10, STEEL, 5)
    c.disc(300, 300, 118, STEEL)
    c.disc(300, 300, 102, c.main)
    c.disc(300, 300, 88, INK)
    for x, y in ((256, 300), (344, 300), (300, 350)):
        c.disc(x, y, 26, COAL)
        c.ring(x, y, 26, STEEL, 3)
        c.line([(x, y), (x + 8, y - 15)], c.main, 4)
    for hour in range(12):
        c.line(turned([(300, 220), (300, 230)], hour * 30), WHITE, 5)
    _hands(c, WHITE)


def digital_watch(c: Canvas) -> None:
    _strap(c, c.main)
    c.box(196, 196, 404, 404, c.dark, 50)
    c.box(216, 216, 384, 384, INK, 36)
    c.box(234, 250, 366, 350, (196, 214, 180), 10)
    for x in (248, 282, 324, 350):
        c.frame(x - 8, 272, x + 12, 328, INK, 6, 4)
    c.disc(309, 288, 4, INK)
    c.disc(309, 312, 4, INK)
    for y in (244, 340):
        c.box(186, y, 200, y + 24, STEEL, 4)
        c.box(400, y, 414, y + 24, STEEL, 4)


def smartwatch(c: Canvas) -> None:
    _strap(c, c.main)
    c.box(196, 186, 404, 414, STEEL, 56)
    c.box(208, 198, 392, 402, INK, 46)
    c.ring(300, 300, 70, (240, 80, 100), 13)
    c.arc(300, 300, 50, 270, 200, (120, 210, 120), 13)
    c.arc(300, 300, 30, 270, 120, (90, 170, 240), 13)
    c.box(402, 270, 418, 312, STEEL, 6)


def square_watch(c: Canvas) -> None:
    _strap(c, WOOD)
    c.box(206, 206, 394, 394, GOLD, 22)
    c.box(220, 220, 380, 380, c.main, 12)
    for hour in (0, 3, 6, 9):
        c.line(turned([(300, 236), (300, 248)], hour * 30), PAPER, 6)
    _hands(c, PAPER)


def bangle_watch(c: Canvas) -> None:
    c.shadow(170, 430)
    c.loop(140, 180, 460, 470, c.dark, 36)
    c.loop(146, 180, 454, 458, c.main, 24)
    c.disc(300, 190, 74, c.dark)
    c.disc(300, 190, 60, PAPER)
    c.line([(300, 190), (300, 150)], INK, 5)
    c.line([(300, 190), (326, 204)], INK, 6)
    for hour in range(12):
        c.disc(*turned([(300, 140)], hour * 30, (300, 190))[0], 3, INK)


def fob_watch(c: Canvas) -> None:
    c.shadow(210, 390)
    c.line([(250, 110), (350, 110)], STEEL, 10)
    c.box(282, 104, 318, 250, c.main, 12)
    c.disc(300, 340, 112, c.main)
    c.disc(300, 340, 94, WHITE)
    for hour in range(12):
        c.line(turned([(300, 258), (300, 270)], hour * 30, (300, 340)), INK, 5)
    c.line([(300, 340), (300, 282)], INK, 6)
    c.line([(300, 340), (340, 360)], INK, 8)
    c.line([(300, 340), (270, 392)], RED, 4)


def handbag(c: Canvas) -> None:
    c.shadow(130, 470)
    c.arc(300, 240, 96, 180, 360, c.deep, 18)
    c.soft([(140, 190), (460, 190), (490, 480), (110, 480)], c.main)
    c.form([(150, 232), (450, 232), (474, 470), (126, 470)], c.main)
    c.soft([(140, 200), (460, 200), (450, 380), (300, 400), (150, 380)], c.dark)
    c.curve([(160, 330), (300, 390), (440, 330)], c.light, 4)
    c.box(276, 346, 324, 388, GOLD, 8)
    c.disc(300, 366, 9, c.deep)


def tote(c: Canvas) -> None:
    c.shadow(140, 460)
    c.arc(300, 250, 90, 180, 360, c.deep, 14)
    c.form([(146, 226), (454, 226), (434, 474), (166, 474)], c.main)
    c.form([(146, 226), (454, 226), (451, 262), (149, 262)], c.dark)
    for x in (218, 382):
        c.box(x - 11, 214, x + 11, 300, c.deep, 6)
        c.disc(x, 288, 5, GOLD)
    c.line([(172, 454), (428, 454)], c.light, 4)


def chain_bag(c: Canvas) -> None:
    c.shadow(150, 450)
    for index in range(17):
        x, y = bent([(166, 290), (190, 40), (410, 40), (434, 290)], 16)[index]
        c.loop(x - 11, y - 11, x + 11, y + 11, GOLD, 5)
    c.box(142, 280, 458, 470, c.main, 30)
    for x in range(190, 450, 44):
        c.line([(x, 352), (x - 40 if x > 200 else x - 30, 462)], c.dark, 3)
        c.line([(x - 40 if x > 200 else x - 30, 352), (x, 462)], c.dark, 3)
    c.box(142, 280, 458, 350, c.dark, 30)
    c.ring(300, 350, 20, GOLD, 8)


def clutch(c: Canvas) -> None:
    c.shadow(120, 480, 440)
    c.box(114, 236, 486, 426, c.main, 22)
    c.form([(122, 240), (478, 240), (300, 356)], c.dark)
    for row in range(6):
        for column in range(13):
            c.disc(140 + column * 27, 262 + row * 28, 6, c.light if (row + column) % 2 else GOLD)
    c.box(114, 224, 486, 248, GOLD, 10)
    c.disc(290, 222, 12, c.deep)
    c.disc(312, 222, 12, c.deep)


def backpack(c: Canvas) -> None:
    c.shadow(170, 430)
    c.arc(300, 120, 40, 180, 360, c.deep, 14)
    for left in (150, 404):
        c.box(left, 300, left + 46, 440, c.deep, 20)
    c.box(172, 112, 428, 474, c.main, 70)
    c.box(172, 220, 428, 300, c.dark)
    c.box(206, 320, 394, 450, c.dark, 22)
    c.line([(222, 346), (378, 346)], GOLD, 6)
    for x in (236, 364):
        c.box(x - 9, 120, x + 9, 300, c.deep, 6)
        c.box(x - 13, 270, x + 13, 300, GOLD, 5)
    c.line([(210, 196), (390, 196)], c.light, 6)


def duffel(c: Canvas) -> None:
    c.shadow(90, 510, 450)
    c.arc(300, 262, 100, 190, 350, c.deep, 16)
    c.box(92, 240, 508, 442, c.main, 70)
    for x in (196, 404):
        c.box(x - 14, 242, x + 14, 442, c.deep)
    c.line([(140, 262), (460, 262)], GOLD, 7)
    c.oval(92, 290, 130, 400, c.dark)
    c.oval(470, 290, 508, 400, c.dark)
    c.box(258, 330, 342, 396, c.dark, 10)


def belt_bag(c: Canvas) -> None:
    c.shadow(130, 470, 440)
    c.curve([(150, 290), (60, 230), (160, 130), (300, 140)], c.deep, 20)
    c.curve([(450, 290), (540, 230), (440, 130), (300, 140)], c.deep, 20)
    c.box(268, 118, 332, 162, INK, 8)
    c.soft([(110, 240), (490, 240), (500, 400), (400, 450), (200, 450), (100, 400)], c.main)
    c.curve([(140, 300), (300, 270), (460, 300)], c.deep, 7)
    c.curve([(170, 360), (300, 340), (430, 360)], c.dark, 6)
    c.box(430, 290, 448, 322, GOLD, 4)


def necklace(c: Canvas) -> None:
    chain = bent([(170, 90), (150, 380), (450, 380), (430, 90)], 40)
    c.line(chain, GOLD, 6)
    c.line(bent([(190, 90), (190, 300), (410, 300), (410, 90)], 40), SILVER, 4)
    c.disc(300, 352, 44, GOLD)
    c.disc(300, 352, 33, c.main)
    c.disc(290, 342, 10, c.light)
    c.form([(284, 312), (300, 290), (316, 312)], GOLD)
    for index in (6, 11, 29, 34):
        c.disc(*chain[index], 8, c.main)


def earrings(c: Canvas) -> None:
    c.shadow(190, 420)
    for x in (210, 390):
        c.arc(x, 132, 22, 130, 380, GOLD, 7)
        c.disc(x, 182, 17, GOLD)
        c.form([(x, 206), (x + 50, 320), (x, 400), (x - 50, 320)], GOLD)
        c.soft([(x, 216), (x + 52, 330), (x, 400), (x - 52, 330)], c.main)
        c.curve([(x - 8, 270), (x + 12, 310), (x - 6, 350)], c.deep, 4)
        for offset in (-26, 0, 26):
            c.disc(x + offset, 424 + (offset == 0) * 12, 9, GOLD)


def studs(c: Canvas) -> None:
    c.box(160, 180, 440, 440, (92, 74, 96), 18)
    c.box(176, 196, 424, 424, (122, 102, 126), 12)
    for x in (240, 360):
        c.disc(x, 310, 44, c.main)
        c.disc(x - 12, 296, 16, WHITE)
        c.arc(x, 310, 50, 20, 160, GOLD, 7)


def ring(c: Canvas) -> None:
    c.shadow(210, 390)
    c.ring(300, 356, 120, GOLD, 30)
    c.arc(300, 356, 114, 190, 290, light(GOLD, 0.5), 8)
    c.form([(246, 176), (354, 176), (384, 210), (300, 286), (216, 210)], c.main)
    c.form([(246, 176), (354, 176), (330, 210), (270, 210)], c.pale)
    c.form([(270, 210), (330, 210), (300, 286)], c.light)
    c.form([(330, 210), (384, 210), (300, 286)], c.dark)


def bracelet(c: Canvas) -> None:
    c.shadow(160, 440)
    c.loop(140, 190, 460, 450, dark(c.main, 0.35), 30)
    for index in range(22):
        angle = index * math.tau / 22
        x, y = 300 + 145 * math.cos(angle), 320 + 115 * math.sin(angle)
        c.disc(x, y, 22, c.main if index % 2 else c.light)
        c.disc(x, y, 9, GOLD)
    c.form([(286, 434), (314, 434), (322, 484), (300, 500), (278, 484)], GOLD)


def _glasses(
    c: Canvas, left: list[Point], *, frame: tuple[int, int, int], lens: tuple[int, int, int], bridge: float
) -> None:
    """Two lenses from the outline of the left one, with bridge and temples."""
    c.shadow(120, 480, 440)
    right = [(600 - x, y) for x, y in left]
    c.curve([(84, bridge - 4), (60, bridge - 60), (110, bridge - 110), (170, bridge - 120)], frame, 12)
    c.curve([(516, bridge - 4), (540, bridge - 60), (490, bridge - 110), (430, bridge - 120)], frame, 12)
    c.curve([(262, bridge), (300, bridge - 24), (338, bridge)], frame, 12)
    for side in (left, right):
        c.soft(side, frame)
        centre = (sum(x for x, _ in side) / len(side), sum(y for _, y in side) / len(side))
        inner = [(centre[0] + (x - centre[0]) * 0.88, centre[1] + (y - centre[1]) * 0.86) for x, y in side]
        c.soft(inner, lens)
        c.line([(centre[0] - 34, centre[1] + 14), (centre[0] - 2, centre[1] - 26)], light(lens, 0.35), 9)


def sunglasses(c: Canvas) -> None:
    outline: list[Point] = [(70, 230), (290, 230), (280, 380), (170, 410), (86, 380)]
    _glasses(c, outline, frame=c.main, lens=dark(c.main, 0.72) if sum(c.main) > 200 else COAL, bridge=286)


def aviators(c: Canvas) -> None:
    outline: list[Point] = [(74, 240), (280, 236), (296, 330), (230, 440), (120, 420), (66, 320)]
    _glasses(c, outline, frame=GOLD, lens=c.main, bridge=272)
    c.line([(240, 252), (360, 252)], GOLD, 8)


def cat_eye(c: Canvas) -> None:
    outline: list[Point] = [(40, 190), (286, 252), (282, 370), (170, 410), (90, 360)]
    _glasses(c, outline, frame=c.main, lens=(88, 62, 46), bridge=300)


def wrap_glasses(c: Canvas) -> None:
    outline: list[Point] = [(56, 230), (300, 240), (292, 330), (200, 380), (90, 350)]
    _glasses(c, outline, frame=INK, lens=c.main, bridge=280)


def round_glasses(c: Canvas) -> None:
    c.shadow(120, 480, 440)
    c.curve([(92, 290), (70, 230), (110, 190), (170, 180)], c.deep, 11)
    c.curve([(508, 290), (530, 230), (490, 190), (430, 180)], c.deep, 11)
    c.arc(300, 300, 44, 210, 330, c.deep, 12)
    for x in (182, 418):
        c.disc(x, 316, 92, c.deep)
        c.disc(x, 316, 80, c.main)
        c.line([(x - 34, 330), (x + 4, 282)], c.light, 9)


SHAPES: Final[Shapes] = {
    "abaya": abaya,
    "aviators": aviators,
    "backpack": backpack,
    "bangle-watch": bangle_watch,
    "belt-bag": belt_bag,
    "blouse": blouse,
    "boot": boot,
    "bracelet": bracelet,
    "camisole": camisole,
    "cat-eye": cat_eye,
    "chain-bag": chain_bag,
    "check-shirt": partial(shirt, check=True),
    "chelsea-boot": partial(boot, laced=False),
    "chronograph": chronograph,
    "clutch": clutch,
    "digital-watch": digital_watch,
    "dress": dress,
    "duffel": duffel,
    "earrings": earrings,
    "flat": flat,
    "floral-dress": floral_dress,
    "fob-watch": fob_watch,
    "formal-shoe": formal_shoe,
    "gown": gown,
    "handbag": handbag,
    "heel": heel,
    "hoodie": hoodie,
    "loafer": loafer,
    "necklace": necklace,
    "polo": polo,
    "ring": ring,
    "round-glasses": round_glasses,
    "sandal": sandal,
    "shirt": shirt,
    "shirt-dress": shirt_dress,
    "short-shirt": partial(shirt, sleeve="short"),
    "smartwatch": smartwatch,
    "sneaker": sneaker,
    "square-watch": square_watch,
    "striped-tee": partial(tee, stripes=True),
    "studs": studs,
    "sunglasses": sunglasses,
    "sweater": sweater,
    "tee": tee,
    "tote": tote,
    "tunic": tunic,
    "vest": vest,
    "watch": watch,
    "wedge": wedge,
    "wrap-glasses": wrap_glasses,
}
