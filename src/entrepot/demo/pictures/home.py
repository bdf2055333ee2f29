"""Pictures of furniture, decoration and kitchenware."""

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
    Shapes,
    bar,
    bent,
    dark,
    light,
    turned,
)


def chair(c: Canvas) -> None:
    c.shadow(190, 410)
    for x in (218, 382):
        c.form([(x - 9, 110), (x + 9, 110), (x + 11, 300), (x - 11, 300)], c.main)
    c.soft([(206, 100), (394, 100), (394, 186), (206, 186)], c.dark)
    c.box(214, 214, 386, 234, c.dark, 8)
    for x, lean in ((204, -8), (396, 8)):
        c.form([(x - 10, 320), (x + 10, 320), (x + lean + 8, 476), (x + lean - 6, 476)], c.dark)
    c.box(206, 390, 394, 402, c.deep, 5)
    c.form([(210, 280), (390, 280), (414, 330), (186, 330)], (226, 202, 160))
    for index in range(5):
        c.line([(206 - index * 3, 290 + index * 9), (394 + index * 3, 290 + index * 9)], (205, 178, 132), 3)
    c.box(184, 326, 416, 344, c.main, 8)


def table(c: Canvas) -> None:
    c.shadow(100, 500, 470)
    for x in (128, 450):
        c.form([(x, 250), (x + 24, 250), (x + 20, 466), (x + 4, 466)], c.dark)
    for x in (190, 392):
        c.form([(x, 250), (x + 18, 250), (x + 14, 430), (x + 4, 430)], c.deep)
    c.box(110, 236, 490, 266, c.dark, 6)
    c.form([(130, 196), (470, 196), (516, 240), (84, 240)], c.main)
    c.box(84, 236, 516, 252, c.light, 5)
    for y in (208, 222):
        c.line([(140, y), (440, y)], c.dark, 3)
    c.soft([(272, 150), (328, 150), (338, 214), (262, 214)], PAPER)
    c.curve([(300, 156), (296, 120), (320, 96)], LEAF, 7)
    c.oval(306, 84, 344, 106, LEAF)
    c.oval(272, 104, 304, 124, LEAF)


def shelf(c: Canvas) -> None:
    c.shadow(160, 440)
    c.box(166, 96, 434, 474, c.main, 6)
    books = (RED, (70, 120, 170), GOLD, LEAF, (130, 90, 150), PAPER)
    for row in range(4):
        top = 112 + row * 90
        c.box(182, top, 418, top + 74, c.deep)
        for index in range(5 - row % 2):
            left = 190 + index * 22
            c.box(left, top + 12 + (index * 7 + row * 5) % 16, left + 18, top + 74, books[(row * 2 + index) % 6])
        c.soft([(340, top + 30), (390, top + 30), (398, top + 78), (332, top + 78)], (PAPER, GLASS, GOLD, WHITE)[row])


def bed(c: Canvas) -> None:
    c.shadow(80, 520, 460)
    c.box(90, 170, 510, 330, c.main, 18)
    c.box(110, 190, 490, 300, c.dark, 10)
    for left in (140, 316):
        c.soft([(left, 236), (left + 144, 236), (left + 144, 316), (left, 316)], WHITE)
    c.box(84, 296, 516, 420, WHITE, 20)
    c.cap(84, 330, 516, 430, (158, 182, 196), 16, up=False)
    c.box(84, 326, 516, 350, (188, 208, 218), 8)
    c.box(80, 416, 520, 446, c.main, 8)
    for x in (96, 484):
        c.box(x, 440, x + 20, 466, c.deep, 4)


def sofa(c: Canvas) -> None:
    c.shadow(60, 540, 450)
    c.box(100, 180, 500, 400, c.dark, 36)
    for left in (118, 242, 366):
        c.box(left, 196, left + 116, 330, c.main, 22)
    for left in (112, 240, 368):
        c.box(left, 306, left + 120, 382, c.light, 18)
    for left in (62, 470):
        c.box(left, 256, left + 68, 424, c.main, 28)
    c.box(80, 380, 520, 426, c.main, 14)
    for x in (106, 478):
        c.form([(x, 424), (x + 18, 424), (x + 14, 452), (x + 4, 452)], WOOD)
    c.form(turned(bar(160, 232, 226, 298), 12, (193, 265)), GOLD)


def armchair(c: Canvas) -> None:
    c.shadow(140, 460)
    for x in (184, 396):
        c.form([(x, 430), (x + 20, 430), (x + 16, 478), (x + 4, 478)], WOOD)
    c.soft([(190, 90), (410, 90), (430, 400), (170, 400)], c.dark)
    c.soft([(214, 116), (386, 116), (398, 390), (202, 390)], c.main)
    c.box(196, 318, 404, 420, c.light, 22)
    for left in (138, 398):
        c.box(left, 266, left + 64, 440, c.main, 26)
    c.box(152, 410, 448, 444, c.dark, 14)
    for x, y in ((256, 190), (300, 190), (344, 190), (278, 240), (322, 240)):
        c.disc(x, y, 6, c.deep)


def pouf(c: Canvas) -> None:
    c.shadow(130, 470)
    c.soft([(120, 230), (480, 230), (500, 350), (470, 490), (130, 490), (100, 350)], c.main)
    c.oval(146, 226, 454, 300, c.light)
    for index in range(5):
        x = 176 + index * 62
        c.form([(x, 326), (x + 26, 360), (x, 394), (x - 26, 360)], GOLD)
        c.form([(x, 342), (x + 13, 360), (x, 378), (x - 13, 360)], c.deep)
    c.curve([(126, 316), (300, 352), (474, 316)], PAPER, 6)
    c.curve([(140, 424), (300, 456), (460, 424)], PAPER, 6)


def desk(c: Canvas) -> None:
    c.shadow(90, 510, 470)
    for x in (150, 430):
        c.box(x, 290, x + 20, 450, STEEL, 4)
        c.box(x - 30, 448, x + 50, 468, COAL, 8)
    c.box(100, 266, 500, 294, c.main, 8)
    c.box(100, 284, 500, 296, c.dark, 4)
    c.box(246, 130, 428, 240, INK, 10)
    c.box(256, 140, 418, 230, (126, 170, 190), 4)
    c.box(330, 240, 346, 262, COAL)
    c.box(300, 256, 376, 268, COAL, 5)
    c.box(148, 214, 178, 266, (196, 92, 70), 5)
    for x in (154, 163, 172):
        c.line([(x, 214), (x - 6, 178)], GOLD, 5)
    c.box(400, 294, 440, 308, INK, 5)


def office_chair(c: Canvas) -> None:
    c.shadow(170, 430)
    c.soft([(206, 80), (394, 80), (410, 300), (190, 300)], c.dark)
    c.soft([(224, 102), (376, 102), (388, 282), (212, 282)], c.light)
    for y in range(130, 270, 20):
        c.line([(232, y), (368, y)], c.main, 4)
    for x in (164, 412):
        c.box(x, 270, x + 24, 350, COAL, 8)
        c.box(x - 10, 262, x + 34, 284, INK, 10)
    c.box(184, 316, 416, 364, c.main, 22)
    c.box(290, 360, 310, 430, STEEL)
    for x in (190, 244, 300, 356, 410):
        c.line([(300, 424), (x, 456)], COAL, 12)
        c.disc(x, 466, 12, INK)


def drawers(c: Canvas) -> None:
    c.shadow(160, 440)
    c.box(166, 130, 434, 452, c.main, 12)
    for index in range(3):
        top = 150 + index * 98
        c.box(184, top, 416, top + 84, c.light, 8)
        c.frame(184, top, 416, top + 84, c.dark, 4, 8)
        c.box(270, top + 34, 330, top + 46, c.deep, 6)
    for x in (186, 392):
        c.box(x, 450, x + 22, 476, c.deep, 5)


def wardrobe(c: Canvas) -> None:
    c.shadow(150, 450)
    c.box(156, 90, 444, 462, c.main, 8)
    for left, knob in ((170, 284), (304, 316)):
        c.box(left, 106, left + 126, 380, c.light, 4)
        c.frame(left + 12, 120, left + 114, 366, c.dark, 4, 4)
        c.box(knob - 5, 226, knob + 5, 270, c.deep, 4)
    c.box(170, 392, 430, 450, c.light, 4)
    c.box(264, 414, 336, 426, c.deep, 5)
    for x in (172, 410):
        c.box(x, 460, x + 20, 478, c.deep, 4)


def lamp(c: Canvas) -> None:
    c.shadow(200, 400)
    c.soft([(140, 300), (300, 90), (460, 300), (300, 330)], light(c.backdrop, 0.7))
    c.box(288, 280, 312, 456, GOLD, 6)
    c.oval(214, 438, 386, 484, GOLD)
    c.oval(214, 432, 386, 470, light(GOLD, 0.3))
    c.slice(160, 110, 440, 430, 180, 360, c.main)
    c.box(160, 264, 440, 280, c.dark, 8)
    c.arc(300, 270, 110, 200, 250, c.light, 12)
    c.disc(300, 108, 12, GOLD)


def floor_lamp(c: Canvas) -> None:
    c.shadow(120, 300)
    c.oval(130, 450, 290, 486, INK)
    c.line(bent([(210, 460), (180, 60), (420, 60), (420, 190)], 30), GOLD, 11)
    c.soft([(330, 190), (510, 190), (536, 330), (304, 330)], c.main)
    c.form([(352, 200), (488, 200), (516, 306), (324, 306)], c.main)
    c.form([(352, 200), (392, 200), (372, 306), (324, 306)], c.light)
    c.oval(324, 294, 516, 318, light(GOLD, 0.6))


def candle(c: Canvas) -> None:
    c.shadow(190, 410)
    c.soft([(278, 190), (300, 96), (326, 190), (300, 214)], (255, 180, 70))
    c.soft([(290, 190), (300, 136), (313, 190), (300, 206)], (255, 232, 150))
    c.line([(300, 196), (300, 228)], INK, 6)
    c.box(200, 220, 400, 474, light(c.main, 0.55), 26)
    c.box(214, 250, 386, 462, c.main, 18)
    c.oval(214, 228, 386, 272, light(c.main, 0.75))
    c.box(240, 326, 360, 412, PAPER, 6)
    c.line([(262, 352), (338, 352)], c.deep, 7)
    c.line([(274, 380), (326, 380)], STEEL, 5)


def lantern(c: Canvas) -> None:
    c.shadow(130, 470)
    for x, top, size in ((196, 232, 0.72), (404, 256, 0.64), (300, 110, 1.0)):
        w = 92 * size
        c.ring(x, top + 6, 20 * size, c.dark, 6)
        c.form([(x, top + 22), (x + w * 0.9, top + 84 * size), (x - w * 0.9, top + 84 * size)], c.dark)
        c.box(x - w, top + 84 * size, x + w, 452, c.main, 8)
        c.box(x - w * 0.66, top + 110 * size, x + w * 0.66, 430, (255, 222, 140), 30 * size)
        c.disc(x, 400, 20 * size, (255, 246, 214))
        for offset in (-0.33, 0.33):
            c.line([(x + w * offset, top + 112 * size), (x + w * offset, 430)], c.dark, 5)
        c.box(x - w * 1.1, 446, x + w * 1.1, 474, c.dark, 6)


def vase(c: Canvas) -> None:
    c.shadow(200, 400)
    for start, end in (((290, 220), (230, 90)), ((306, 220), (310, 70)), ((316, 220), (390, 110))):
        c.curve([start, (start[0], 150), end], LEAF, 6)
        for step in range(4):
            x = start[0] + (end[0] - start[0]) * (0.4 + step * 0.18)
            y = start[1] + (end[1] - start[1]) * (0.4 + step * 0.18)
            c.oval(x - 21, y - 9, x + 1, y + 9, LEAF)
            c.oval(x + 1, y - 17, x + 23, y + 1, dark(LEAF))
    c.soft([(252, 200), (348, 200), (340, 250), (420, 360), (370, 490), (230, 490), (180, 360), (260, 250)], c.main)
    c.box(258, 200, 342, 226, c.dark, 10)
    for index in range(6):
        c.curve(
            [(214 + index * 6, 310 + index * 26), (300, 326 + index * 26), (386 - index * 6, 310 + index * 26)],
            c.dark,
            4,
        )


def plant(c: Canvas) -> None:
    c.shadow(180, 420)
    for angle, length in ((-64, 190), (-36, 230), (-12, 250), (12, 250), (38, 228), (66, 186)):
        tip = turned([(300, 310 - length)], angle, (300, 310))[0]
        left = turned([(270, 310 - length * 0.6)], angle, (300, 310))[0]
        right = turned([(330, 310 - length * 0.6)], angle, (300, 310))[0]
        c.form(
            bent([(300, 316), left, tip], 10) + bent([tip, right, (300, 316)], 10),
            LEAF if angle % 4 else dark(LEAF, 0.25),
        )
        c.line([(300, 310), tip], light(LEAF, 0.3), 4)
    c.form([(206, 310), (394, 310), (366, 456), (234, 456)], c.main)
    c.form([(206, 310), (250, 310), (262, 456), (234, 456)], c.light)
    c.box(194, 296, 406, 332, c.dark, 8)
    c.box(206, 452, 394, 474, c.dark, 10)


def rug(c: Canvas) -> None:
    c.box(140, 96, 460, 486, c.main, 4)
    c.frame(152, 108, 448, 474, PAPER, 6)
    c.frame(166, 122, 434, 460, (40, 60, 100), 12)
    for y in (200, 291, 382):
        c.form([(300, y - 62), (372, y), (300, y + 62), (228, y)], (40, 60, 100))
        c.form([(300, y - 44), (350, y), (300, y + 44), (250, y)], GOLD)
        c.form([(300, y - 26), (328, y), (300, y + 26), (272, y)], c.deep)
    for y in (150, 246, 336, 432):
        for x in (206, 394):
            c.form([(x, y - 18), (x + 18, y), (x, y + 18), (x - 18, y)], PAPER)
    for x in range(146, 460, 14):
        c.line([(x, 84), (x, 96)], PAPER, 4)
        c.line([(x, 486), (x, 498)], PAPER, 4)


def cushion(c: Canvas) -> None:
    c.shadow(140, 460)
    c.soft([(96, 110), (300, 160), (504, 110), (456, 300), (504, 490), (300, 446), (96, 490), (144, 300)], c.dark)
    c.soft([(120, 134), (300, 176), (480, 134), (438, 300), (480, 466), (300, 428), (120, 466), (162, 300)], c.main)
    for offset in (-70, 0, 70):
        c.curve(
            [(186 + offset * 0.2, 300 + offset), (300, 290 + offset), (414 - offset * 0.2, 300 + offset)], c.light, 8
        )
    c.disc(300, 298, 13, c.deep)


def blanket(c: Canvas) -> None:
    c.shadow(110, 490, 450)
    for index, colour in enumerate((c.dark, c.main, c.light)):
        top = 350 - index * 74
        c.box(116, top, 484, top + 88, colour, 40)
        c.curve([(160, top + 60), (300, top + 70), (450, top + 56)], c.deep, 4)
    for x in range(150, 460, 22):
        c.line([(x, 432), (x - 4, 460)], c.light, 6)
    for x in range(180, 450, 40):
        c.line([(x, 220), (x, 270)], c.main, 5)


def clock(c: Canvas) -> None:
    c.shadow(200, 400)
    c.disc(300, 290, 182, c.main)
    c.disc(300, 290, 158, PAPER)
    for hour in range(12):
        c.line(turned([(300, 150), (300, 172 if hour % 3 else 184)], hour * 30, (300, 290)), INK, 7 if hour % 3 else 12)
    c.line([(300, 290), (300, 190)], INK, 10)
    c.line([(300, 290), (372, 330)], INK, 13)
    c.line([(300, 290), (228, 372)], RED, 4)
    c.disc(300, 290, 13, c.main)


def mirror(c: Canvas) -> None:
    c.line([(196, 200), (300, 92), (404, 200)], (110, 74, 48), 11)
    c.disc(300, 96, 13, GOLD)
    c.disc(300, 320, 168, GOLD)
    c.disc(300, 320, 152, GLASS)
    c.form([(180, 330), (310, 180), (356, 180), (190, 380)], WHITE)
    c.form([(262, 440), (430, 250), (444, 280), (300, 450)], WHITE)


def frame(c: Canvas) -> None:
    c.shadow(170, 430)
    c.box(158, 96, 442, 474, WOOD, 6)
    c.box(176, 114, 424, 456, WHITE)
    c.box(214, 160, 386, 410, (214, 230, 236))
    c.disc(344, 206, 24, GOLD)
    c.form([(214, 350), (280, 240), (340, 350)], c.light)
    c.form([(270, 350), (336, 270), (386, 340), (386, 410), (270, 410)], c.main)
    c.form([(214, 340), (300, 410), (214, 410)], c.dark)


def pan(c: Canvas) -> None:
    c.shadow(110, 400, 420)
    c.form(turned(bar(384, 292, 560, 318), -14, (384, 305)), COAL)
    c.disc(*turned([(538, 305)], -14, (384, 305))[0], 6, c.backdrop)
    c.form([(104, 304), (410, 304), (376, 404), (140, 404)], c.main)
    c.oval(104, 262, 410, 346, c.dark)
    c.oval(120, 270, 394, 336, c.deep)
    c.soft([(200, 280), (300, 276), (324, 306), (270, 326), (196, 318)], WHITE)
    c.disc(262, 300, 17, (250, 190, 60))


def pot(c: Canvas) -> None:
    c.shadow(130, 470)
    for x in (118, 430):
        c.box(x, 260, x + 52, 300, c.deep, 16)
    c.box(150, 226, 450, 470, c.main, 26)
    c.box(150, 226, 206, 470, c.light, 20)
    c.box(184, 226, 220, 470, c.main)
    c.box(138, 212, 462, 240, c.dark, 10)
    c.slice(150, 144, 450, 290, 180, 360, light(c.main, 0.5))
    c.box(270, 122, 330, 150, COAL, 12)


def knife(c: Canvas) -> None:
    c.shadow(140, 460)
    blade = [*bent([(300, 90), (372, 200), (352, 330)], 14), (282, 330), (282, 110)]
    c.form(turned(blade, 30), SILVER)
    c.form(turned([(282, 120), (300, 96), (312, 330), (282, 330)], 30), STEEL)
    c.form(turned(bar(278, 326, 358, 350), 30), COAL)
    c.form(turned(bar(284, 350, 346, 500), 30), c.main)
    for y in (384, 424, 464):
        c.disc(*turned([(316, y)], 30)[0], 8, GOLD)


def board(c: Canvas) -> None:
    c.shadow(150, 450)
    c.box(266, 84, 334, 160, c.main, 26)
    c.box(160, 136, 440, 474, c.main, 30)
    c.disc(300, 116, 13, c.backdrop)
    c.frame(180, 156, 420, 454, c.dark, 5, 20)
    for x in (220, 268, 324, 378):
        c.curve([(x, 170), (x + 18, 300), (x - 6, 440)], c.dark, 4)
    c.disc(262, 360, 36, RED)
    c.disc(262, 360, 26, (240, 130, 110))
    c.soft([(320, 330), (390, 380), (350, 410), (310, 370)], LEAF)


def mug(c: Canvas) -> None:
    c.shadow(170, 440)
    c.ring(416, 330, 66, c.dark, 24)
    c.box(176, 210, 416, 468, c.main, 34)
    c.box(176, 210, 240, 468, c.light, 30)
    c.box(214, 210, 260, 468, c.main)
    c.oval(176, 184, 416, 244, c.light)
    c.oval(192, 194, 400, 236, (92, 58, 40))
    for x in (250, 300, 350):
        c.curve([(x, 170), (x - 18, 140), (x + 18, 120), (x, 92)], light(c.backdrop, 0.9), 9)


def bowl(c: Canvas) -> None:
    c.shadow(160, 440)
    c.slice(100, 60, 500, 470, 0, 180, c.main)
    c.oval(100, 226, 500, 304, c.dark)
    c.oval(116, 234, 484, 296, c.light)
    c.curve([(140, 330), (300, 400), (460, 330)], c.light, 8)
    c.curve([(170, 380), (300, 436), (430, 380)], GOLD, 6)
    c.box(240, 456, 360, 478, c.dark, 8)


def tea_glass(c: Canvas) -> None:
    c.shadow(150, 450)
    c.oval(150, 430, 450, 486, WHITE)
    c.oval(190, 440, 410, 474, SILVER)
    outline = bent([(232, 130), (290, 280), (200, 300), (232, 452)], 20)
    mirror_side = [(600 - x, y) for x, y in reversed(outline)]
    c.form([*outline, *mirror_side], GLASS)
    tea = [(x + 10, y) for x, y in outline if y > 190]
    c.form([*tea, *[(600 - x, y) for x, y in reversed(tea)]], c.main)
    c.oval(232, 118, 368, 144, WHITE)
    c.line([(262, 170), (268, 240)], WHITE, 7)
    c.box(206, 134, 394, 140, GOLD, 3)
    c.line([(380, 456), (490, 420)], STEEL, 9)


def carafe(c: Canvas) -> None:
    c.shadow(190, 410)
    c.soft([(258, 130), (342, 130), (338, 240), (420, 330), (410, 480), (190, 480), (180, 330), (262, 240)], GLASS)
    c.soft([(214, 330), (386, 330), (402, 360), (394, 470), (206, 470), (198, 360)], c.main)
    c.box(252, 96, 348, 150, STEEL, 14)
    for x, y in ((262, 384), (330, 360), (318, 430)):
        c.oval(x - 17, y - 9, x + 17, y + 9, LEAF)
    c.disc(280, 432, 22, (250, 214, 90))
    c.line([(252, 250), (216, 330)], WHITE, 9)


def spice_jars(c: Canvas) -> None:
    c.shadow(100, 500, 462)
    fills = (c.main, (196, 60, 44), (222, 176, 60), (120, 140, 70))
    for index, fill in enumerate(fills):
        left = 104 + index * 100
        top = 220 + (index % 2) * 40
        c.box(left, top, left + 92, 460, GLASS, 18)
        c.box(left + 8, top + 60, left + 84, 452, fill, 12)
        c.box(left + 6, top - 26, left + 86, top + 16, WOOD, 8)
        c.box(left + 16, top + 110, left + 76, top + 150, PAPER, 4)
        c.line([(left + 26, top + 130), (left + 66, top + 130)], INK, 4)


def utensils(c: Canvas) -> None:
    c.shadow(190, 410)
    for x, tilt in ((240, -12), (300, 0), (360, 12)):
        c.form(turned(bar(x - 8, 150, x + 8, 340), tilt, (300, 360)), c.dark)
    c.soft(turned([(214, 84), (270, 84), (276, 190), (208, 190)], -12, (300, 360)), c.main)
    c.soft(turned([(266, 60), (334, 60), (340, 170), (260, 170)], 0, (300, 360)), c.main)
    c.form(turned([(334, 84), (390, 84), (380, 180), (344, 180)], 12, (300, 360)), c.main)
    for x in (350, 362, 374):
        c.form(turned(bar(x - 3, 100, x + 3, 164), 12, (300, 360)), c.deep)
    c.box(196, 300, 404, 474, PAPER, 24)
    c.box(196, 340, 404, 366, (120, 150, 170))
    c.oval(196, 286, 404, 322, SILVER)


def kitchen_scale(c: Canvas) -> None:
    c.shadow(120, 480, 460)
    c.soft([(180, 220), (420, 220), (400, 330), (200, 330)], (120, 160, 120))
    for x, y in ((250, 206), (300, 190), (350, 206)):
        c.disc(x, y, 34, RED if x == 300 else (232, 120, 60))
        c.line([(x, y - 30), (x + 8, y - 48)], LEAF, 6)
    c.oval(150, 262, 450, 310, SILVER)
    c.box(150, 286, 450, 330, STEEL, 12)
    c.box(126, 326, 474, 454, c.main, 26)
    c.box(226, 356, 374, 416, INK, 10)
    for index in range(3):
        c.frame(250 + index * 36, 366, 274 + index * 36, 406, (126, 217, 150), 6, 3)


def grater(c: Canvas) -> None:
    c.shadow(180, 420)
    c.frame(250, 80, 350, 170, COAL, 22, 40)
    c.form([(246, 150), (354, 150), (410, 470), (190, 470)], SILVER)
    c.form([(354, 150), (386, 166), (440, 462), (410, 470)], STEEL)
    for row in range(8):
        for column in range(4 + row // 3):
            width = 92 + row * 12
            x = 300 - width / 2 + (column + 0.5) * width / (4 + row // 3)
            c.oval(x - 8, 186 + row * 33, x + 8, 198 + row * 33, COAL)


def tray(c: Canvas) -> None:
    c.shadow(90, 510, 440)
    c.box(96, 230, 504, 430, c.main, 30)
    c.box(116, 246, 484, 414, c.dark, 20)
    for row in range(3):
        for column in range(6):
            x, y = 152 + column * 59, 280 + row * 50
            c.oval(x - 24, y - 17, x + 24, y + 17, (206, 156, 92))
            c.arc(x, y, 11, 0, 300, (146, 98, 50), 5)


SHAPES: Final[Shapes] = {
    "armchair": armchair,
    "bed": bed,
    "blanket": blanket,
    "board": board,
    "bowl": bowl,
    "candle": candle,
    "carafe": carafe,
    "chair": chair,
    "clock": clock,
    "cushion": cushion,
    "desk": desk,
    "drawers": drawers,
    "floor-lamp": floor_lamp,
    "frame": frame,
    "grater": grater,
    "kitchen-scale": kitchen_scale,
    "knife": knife,
    "lamp": lamp,
    "lantern": lantern,
    "mirror": mirror,
    "mug": mug,
    "office-chair": office_chair,
    "pan": pan,
    "plant": plant,
    "pot": pot,
    "pouf": pouf,
    "rug": rug,
    "shelf": shelf,
    "sofa": sofa,
    "spice-jars": spice_jars,
    "table": table,
    "tea-glass": tea_glass,
    "tray": tray,
    "utensils": utensils,
    "vase": vase,
    "wardrobe": wardrobe,
}
