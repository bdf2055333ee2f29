"""Pictures of phones, computers, sound and household appliances."""

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
    dark,
    light,
    turned,
)

SCREEN = (32, 38, 54)


def phone(c: Canvas) -> None:
    c.shadow(190, 430)
    # the back behind, the front before
    c.box(262, 104, 428, 462, c.main, 30)
    c.box(284, 126, 350, 234, c.dark, 22)
    for y in (153, 206):
        c.disc(317, y, 20, INK)
        c.disc(317, y, 9, c.light)
    c.box(172, 130, 344, 478, INK, 30)
    c.box(181, 139, 335, 469, c.pale, 22)
    c.soft([(181, 330), (250, 250), (335, 320), (335, 470), (181, 470)], c.light)
    c.soft([(181, 400), (270, 350), (335, 410), (335, 470), (181, 470)], c.main)
    c.box(232, 150, 284, 160, INK, 5)
    c.box(206, 190, 300, 206, WHITE, 8)
    c.box(206, 216, 264, 226, WHITE, 5)


def fold_phone(c: Canvas) -> None:
    c.shadow(140, 460)
    c.form([(300, 120), (470, 150), (470, 470), (300, 440)], INK)
    c.form([(130, 150), (300, 120), (300, 440), (130, 470)], dark(INK, 0.3))
    c.form([(300, 134), (458, 161), (458, 454), (300, 426)], c.light)
    c.form([(142, 161), (300, 134), (300, 426), (142, 454)], c.pale)
    c.form([(300, 300), (458, 250), (458, 454), (300, 426)], c.main)
    c.form([(142, 340), (300, 300), (300, 426), (142, 454)], c.light)
    c.line([(300, 132), (300, 428)], c.deep, 4)


def flip_phone(c: Canvas) -> None:
    c.shadow(190, 410)
    c.box(208, 290, 392, 474, c.main, 26)
    c.box(208, 96, 392, 290, c.dark, 26)
    c.box(226, 114, 374, 262, SCREEN, 10)
    c.box(240, 130, 360, 246, c.pale, 6)
    c.box(256, 150, 344, 190, c.main, 6)
    c.box(214, 280, 386, 300, c.deep, 8)
    for row in range(4):
        for column in range(3):
            c.box(230 + column * 50, 312 + row * 38, 270 + column * 50, 340 + row * 38, WHITE, 8)


def laptop(c: Canvas) -> None:
    c.shadow(90, 510, 470)
    c.box(140, 140, 460, 400, COAL, 18)
    c.box(154, 154, 446, 388, c.pale, 6)
    c.soft([(154, 300), (240, 220), (350, 320), (446, 240), (446, 388), (154, 388)], c.light)
    c.soft([(154, 360), (280, 300), (446, 350), (446, 388), (154, 388)], c.main)
    c.box(180, 178, 300, 192, WHITE, 7)
    c.box(180, 202, 260, 212, WHITE, 5)
    c.form([(140, 400), (460, 400), (510, 452), (90, 452)], SILVER)
    c.box(90, 448, 510, 464, STEEL, 8)
    c.form([(160, 408), (440, 408), (458, 432), (142, 432)], dark(STEEL, 0.3))
    c.form([(255, 436), (345, 436), (350, 448), (250, 448)], STEEL)


def tablet(c: Canvas) -> None:
    c.shadow(130, 470)
    c.box(120, 152, 480, 452, INK, 24)
    c.box(138, 170, 462, 434, c.pale, 10)
    c.soft([(138, 330), (240, 250), (360, 350), (462, 270), (462, 434), (138, 434)], c.light)
    c.soft([(138, 400), (300, 330), (462, 400), (462, 434), (138, 434)], c.main)
    c.disc(400, 225, 26, WHITE)
    c.box(166, 196, 286, 212, WHITE, 8)
    c.line([(330, 470), (486, 330)], WHITE, 13)
    c.line([(470, 344), (486, 330)], c.deep, 13)


def reader(c: Canvas) -> None:
    c.shadow(170, 430)
    c.box(176, 96, 424, 472, COAL, 20)
    c.box(198, 120, 402, 426, PAPER, 4)
    c.box(222, 146, 330, 162, INK, 4)
    for row in range(12):
        right = 378 - (row % 4 == 3) * 70
        c.box(222, 184 + row * 19, right, 190 + row * 19, STEEL, 3)
    c.disc(300, 450, 9, STEEL)


def charger(c: Canvas) -> None:
    c.shadow(180, 420)
    for x in (240, 340):
        c.box(x, 108, x + 22, 200, STEEL, 6)
    c.box(184, 178, 416, 470, c.main, 40)
    c.box(184, 178, 416, 262, light(c.main, 0.5), 40)
    c.box(184, 226, 416, 266, c.main)
    for y in (320, 376):
        c.box(262, y, 338, y + 26, INK, 13)
        c.box(276, y + 10, 324, y + 16, STEEL, 3)
    c.disc(300, 284, 8, (120, 200, 120))


def power_bank(c: Canvas) -> None:
    c.shadow(180, 420)
    c.box(192, 112, 408, 474, c.main, 34)
    c.box(192, 112, 300, 474, c.light, 34)
    c.box(270, 112, 330, 474, c.main)
    c.ring(300, 262, 62, c.pale, 12)
    c.box(294, 184, 306, 212, c.pale, 4)
    for index in range(4):
        c.disc(255 + index * 30, 400, 8, (126, 217, 150) if index < 3 else c.dark)
    c.box(268, 440, 332, 454, INK, 7)


def cable(c: Canvas) -> None:
    c.shadow(150, 450)
    for radius in (128, 104, 80):
        c.ring(300, 310, radius, c.main, 15)
        c.arc(300, 310, radius - 2, 190, 280, c.light, 6)
    c.box(262, 170, 338, 226, INK, 12)
    c.curve([(424, 300), (470, 380), (420, 440), (380, 440)], c.main, 15)
    c.curve([(176, 300), (130, 380), (170, 450), (220, 450)], c.main, 15)
    c.box(206, 432, 262, 468, WHITE, 10)
    c.box(258, 440, 288, 460, STEEL, 6)
    c.box(330, 422, 388, 458, WHITE, 10)
    c.box(304, 430, 334, 450, STEEL, 6)


def hub(c: Canvas) -> None:
    c.shadow(120, 480, 400)
    c.curve([(150, 310), (70, 300), (80, 190), (170, 180)], COAL, 14)
    c.box(160, 164, 216, 196, COAL, 8)
    c.box(212, 170, 236, 190, STEEL, 4)
    c.box(140, 250, 480, 390, c.main, 26)
    c.box(140, 250, 480, 310, c.light, 26)
    c.box(140, 284, 480, 316, c.main)
    for x in (176, 236, 296):
        c.box(x, 334, x + 44, 358, INK, 4)
    c.box(364, 336, 404, 356, INK, 10)
    c.disc(442, 346, 9, (126, 217, 150))


def phone_case(c: Canvas) -> None:
    c.shadow(190, 410)
    c.box(198, 96, 402, 474, c.dark, 44)
    c.box(206, 104, 394, 466, c.main, 38)
    c.box(226, 124, 316, 238, c.deep, 28)
    for y in (156, 206):
        c.disc(271, y, 22, INK)
        c.disc(271, y, 12, c.pale)
    c.shine([(366, 140), (366, 330)], c.main, 12)
    c.soft([(270, 330), (330, 330), (345, 360), (300, 420), (255, 360)], c.light)


def phone_stand(c: Canvas) -> None:
    c.shadow(170, 430)
    c.box(196, 446, 404, 474, c.deep, 12)
    c.form([(262, 452), (338, 452), (322, 300), (278, 300)], c.main)
    c.box(214, 104, 386, 398, INK, 26)
    c.box(226, 116, 374, 386, c.pale, 18)
    c.soft([(226, 270), (300, 220), (374, 280), (374, 386), (226, 386)], c.light)
    c.form([(316, 180), (276, 262), (302, 262), (288, 322), (334, 236), (306, 236)], GOLD)
    c.box(200, 388, 400, 412, c.main, 10)


def screen_glass(c: Canvas) -> None:
    c.shadow(170, 440)
    c.form(turned(bar(196, 110, 372, 450), -8), light(c.main, 0.2))
    c.form(turned(bar(206, 120, 362, 440), -8), light(c.main, 0.65))
    c.form(turned(bar(236, 130, 412, 470), 7), c.main)
    c.form(turned(bar(246, 140, 402, 460), 7), light(c.main, 0.7))
    c.form(turned([(262, 240), (340, 160), (376, 160), (262, 290)], 7), WHITE)
    c.form(turned([(300, 400), (390, 300), (390, 330), (330, 400)], 7), WHITE)


def stylus(c: Canvas) -> None:
    c.shadow(150, 450)
    body = bar(282, 96, 318, 420)
    c.form(turned(body, 32), c.main)
    c.form(turned(bar(282, 96, 294, 420), 32), dark(c.main, 0.1))
    c.form(turned([(282, 420), (318, 420), (300, 478)], 32), STEEL)
    c.form(turned([(294, 460), (306, 460), (300, 480)], 32), INK)
    c.form(turned(bar(282, 140, 318, 152), 32), STEEL)
    c.curve([(140, 440), (190, 400), (230, 470), (280, 440)], INK, 6)


def headphones(c: Canvas) -> None:
    c.shadow(150, 450)
    c.arc(300, 300, 166, 180, 360, c.deep, 34)
    c.arc(300, 300, 160, 200, 340, c.light, 8)
    for left in (114, 400):
        c.box(left, 272, left + 86, 452, c.main, 40)
    c.box(164, 282, 214, 442, COAL, 24)
    c.box(386, 282, 436, 442, COAL, 24)
    c.shine([(134, 312), (134, 400)], c.main, 9)
    c.shine([(466, 312), (466, 400)], c.main, 9)


def earbuds(c: Canvas) -> None:
    c.shadow(160, 440)
    c.cap(170, 150, 430, 290, c.dark, 60)
    c.box(186, 166, 414, 290, dark(c.main, 0.4), 50)
    c.box(170, 280, 430, 474, c.main, 60)
    c.box(170, 280, 430, 330, c.light, 20)
    for x in (240, 360):
        c.disc(x, 246, 38, WHITE)
        c.disc(x, 240, 20, STEEL)
        c.box(x - 13, 250, x + 13, 308, WHITE, 12)
    c.disc(300, 392, 7, (126, 217, 150))


def speaker(c: Canvas) -> None:
    c.shadow(110, 490, 430)
    c.box(110, 220, 490, 424, c.main, 100)
    c.oval(110, 220, 240, 424, c.dark)
    c.disc(175, 322, 52, COAL)
    c.disc(175, 322, 28, STEEL)
    for row in range(4):
        for column in range(8):
            c.disc(276 + column * 24, 276 + row * 31, 6, c.deep)
    c.line([(440, 226), (476, 180), (486, 250)], c.deep, 10)


def bookshelf_speaker(c: Canvas) -> None:
    c.shadow(120, 480)
    for left in (132, 316):
        c.box(left, 150, left + 152, 474, c.main, 10)
        c.box(left + 14, 164, left + 138, 460, INK, 8)
        c.disc(left + 76, 224, 34, COAL)
        c.disc(left + 76, 224, 18, SILVER)
        c.disc(left + 76, 360, 58, COAL)
        c.disc(left + 76, 360, 44, dark(STEEL, 0.5))
        c.disc(left + 76, 360, 18, STEEL)


def radio(c: Canvas) -> None:
    c.shadow(110, 490, 460)
    c.arc(300, 230, 96, 200, 340, WOOD, 16)
    c.box(112, 210, 488, 456, WOOD, 26)
    c.box(130, 228, 470, 438, c.main, 16)
    for row in range(7):
        c.box(154, 256 + row * 24, 318, 266 + row * 24, c.deep, 5)
    c.disc(398, 360, 52, PAPER)
    c.disc(398, 360, 36, WHITE)
    c.line([(398, 360), (420, 336)], RED, 7)
    c.box(346, 254, 450, 286, PAPER, 6)
    c.line([(390, 256), (390, 284)], RED, 4)


def microphone(c: Canvas) -> None:
    c.shadow(200, 400)
    c.box(206, 454, 394, 478, COAL, 12)
    c.box(290, 380, 310, 460, STEEL)
    c.arc(300, 290, 104, 20, 160, STEEL, 16)
    c.box(234, 104, 366, 366, c.main, 66)
    c.cap(234, 104, 366, 236, SILVER, 66)
    for row in range(6):
        c.line([(246, 128 + row * 20), (354, 128 + row * 20)], STEEL, 4)
    c.box(234, 232, 366, 252, GOLD)
    c.disc(300, 310, 14, RED)


def radiator(c: Canvas) -> None:
    c.shadow(110, 490)
    for index in range(7):
        left = 122 + index * 44
        c.box(left, 150, left + 36, 446, c.main, 18)
        c.box(left + 6, 164, left + 13, 430, dark(c.main, 0.12), 4)
    c.box(422, 170, 482, 438, COAL, 14)
    c.disc(452, 222, 20, SILVER)
    c.line([(452, 222), (452, 206)], RED, 5)
    c.box(436, 280, 468, 296, RED, 6)
    for x in (150, 400):
        c.disc(x, 462, 17, COAL)


def heater(c: Canvas) -> None:
    c.shadow(150, 450)
    c.box(164, 120, 436, 462, c.main, 22)
    c.box(186, 142, 414, 174, c.dark, 8)
    c.box(190, 196, 410, 390, INK, 16)
    for row in range(3):
        y = 228 + row * 56
        c.line([(216, y), (384, y)], (255, 120, 60), 18)
        c.line([(220, y - 3), (380, y - 3)], (255, 200, 120), 6)
    for x in range(206, 410, 30):
        c.line([(x, 200), (x, 386)], COAL, 4)
    c.disc(240, 426, 14, PAPER)
    c.disc(360, 426, 14, PAPER)
    c.box(180, 462, 220, 478, COAL, 6)
    c.box(380, 462, 420, 478, COAL, 6)


def fan(c: Canvas) -> None:
    c.shadow(200, 400)
    c.box(288, 330, 312, 470, STEEL, 6)
    c.box(214, 460, 386, 482, COAL, 12)
    c.disc(300, 228, 142, dark(c.main, 0.35))
    c.disc(300, 228, 130, c.main)
    for turn in range(5):
        blade = [(300, 228), (262, 150), (300, 104), (346, 146)]
        c.soft(turned(blade, turn * 72, (300, 228)), (110, 160, 196))
    for radius in (50, 92, 128):
        c.ring(300, 228, radius, SILVER, 3)
    c.disc(300, 228, 26, WHITE)
    c.disc(300, 228, 12, RED)


def air_cooler(c: Canvas) -> None:
    c.shadow(150, 450)
    c.box(160, 100, 440, 462, WHITE, 20)
    c.box(160, 330, 440, 462, c.main, 20)
    c.box(160, 330, 440, 352, c.main)
    c.box(186, 148, 414, 312, COAL, 12)
    for row in range(6):
        c.line([(200, 168 + row * 26), (400, 168 + row * 26)], STEEL, 7)
    for index in range(4):
        c.disc(220 + index * 30, 124, 8, c.dark)
    c.box(340, 116, 410, 132, c.dark, 8)
    c.box(380, 370, 404, 440, light(c.main, 0.7), 6)
    c.box(380, 404, 404, 440, (70, 140, 210), 6)
    for x in (196, 404):
        c.disc(x, 470, 14, COAL)


def air_conditioner(c: Canvas) -> None:
    c.shadow(130, 470, 470)
    c.box(90, 150, 510, 310, WHITE, 28)
    c.box(90, 260, 510, 310, SILVER, 22)
    c.box(112, 272, 488, 292, COAL, 10)
    c.box(420, 186, 474, 208, (126, 217, 150), 6)
    c.line([(120, 200), (300, 200)], PAPER, 6)
    for x in (180, 300, 420):
        c.curve([(x, 330), (x - 40, 370), (x + 40, 400), (x, 446)], (126, 188, 224), 10)


def kettle(c: Canvas) -> None:
    c.shadow(150, 440)
    c.curve([(360, 216), (480, 180), (490, 380), (372, 388)], INK, 22)
    c.form([(196, 206), (364, 206), (402, 456), (158, 456)], c.main)
    c.form([(196, 206), (230, 206), (206, 456), (158, 456)], c.light)
    c.curve([(180, 380), (90, 350), (150, 230), (84, 190)], c.main, 20)
    c.oval(190, 178, 370, 226, c.dark)
    c.disc(280, 176, 16, GOLD)
    c.box(146, 450, 414, 476, COAL, 10)


def samovar(c: Canvas) -> None:
    c.shadow(190, 410)
    c.box(226, 452, 374, 476, c.deep, 8)
    c.form([(262, 400), (338, 400), (356, 456), (244, 456)], c.dark)
    c.soft([(170, 210), (430, 210), (440, 330), (360, 430), (240, 430), (160, 330)], c.main)
    c.soft([(190, 230), (240, 230), (250, 330), (270, 410), (220, 390), (180, 320)], c.light)
    for x in (158, 442):
        c.ring(x, 290, 28, c.deep, 10)
    c.disc(300, 352, 13, c.deep)
    c.box(292, 352, 308, 398, c.deep, 5)
    c.form([(292, 382), (308, 382), (314, 404), (286, 404)], c.deep)
    c.line([(300, 352), (336, 334)], c.deep, 9)
    c.box(236, 200, 364, 226, c.dark, 8)
    c.soft([(240, 130), (360, 130), (374, 190), (330, 206), (270, 206), (226, 190)], WHITE)
    c.curve([(362, 150), (410, 150), (390, 110)], WHITE, 12)
    c.oval(262, 112, 338, 140, RED)
    c.disc(300, 106, 10, c.deep)
    c.disc(300, 172, 15, RED)


def rice_cooker(c: Canvas) -> None:
    c.shadow(130, 470)
    c.arc(300, 190, 66, 180, 360, COAL, 14)
    c.box(136, 222, 464, 462, c.main, 70)
    c.slice(136, 138, 464, 330, 180, 360, WHITE)
    c.box(136, 226, 464, 246, STEEL)
    c.disc(300, 166, 12, COAL)
    c.box(246, 310, 354, 400, COAL, 16)
    c.box(260, 324, 340, 354, (150, 220, 180), 6)
    c.disc(276, 378, 9, RED)
    c.disc(324, 378, 9, GOLD)
    c.box(170, 456, 220, 476, COAL, 8)
    c.box(380, 456, 430, 476, COAL, 8)


SHAPES: Final[Shapes] = {
    "air-conditioner": air_conditioner,
    "air-cooler": air_cooler,
    "bookshelf-speaker": bookshelf_speaker,
    "cable": cable,
    "charger": charger,
    "earbuds": earbuds,
    "fan": fan,
    "flip-phone": flip_phone,
    "fold-phone": fold_phone,
    "headphones": headphones,
    "heater": heater,
    "hub": hub,
    "kettle": kettle,
    "laptop": laptop,
    "microphone": microphone,
    "phone": phone,
    "phone-case": phone_case,
    "phone-stand": phone_stand,
    "power-bank": power_bank,
    "radiator": radiator,
    "radio": radio,
    "reader": reader,
    "rice-cooker": rice_cooker,
    "samovar": samovar,
    "screen-glass": screen_glass,
    "speaker": speaker,
    "stylus": stylus,
    "tablet": tablet,
}
