"""Draws the kitchen's sprites: ``python make_sprites.py`` writes kitchen.png and kitchen.json beside this file.

Only for changing the pictures; it needs Pillow (``pip install pillow``). A cell of the kitchen is 128 units, drawn four
times larger and scaled down, so that edges are smooth.
"""

import json
import math
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

HERE = Path(__file__).resolve().parent
FINE = 4  # pixels drawn for each pixel kept
CELL, TALL = 128, 160  # a chef's hat reaches into the cell above
ITEM = 80
GAP = 4  # between frames, so that none shows its neighbour's edge when scaled
COLUMNS = 8

LINE = "#4a2f23"
WOOD, WOOD_LIGHT, WOOD_DARK, WOOD_EDGE = "#c98d57", "#dda873", "#8f5a34", "#74472a"
STEEL, STEEL_LIGHT, STEEL_DARK = "#8b97a5", "#c3ccd6", "#566270"
ONION, ONION_LIGHT, ONION_DARK = "#e9b949", "#f9dd8e", "#b8801f"
SOUP, SOUP_LIGHT = "#d98324", "#f2ad55"
CHINA, CHINA_SHADE = "#fbf9f4", "#cfd5dd"
SKIN, SKIN_SHADE = "#f3c9a0", "#d9a577"
COATS = {"blue": ("#3d7fd6", "#28569b", "#7db0f2"), "red": ("#e0524a", "#a02f2b", "#f59289")}


class Sprite:
    """A picture of ``width`` x ``height`` units; every method takes units."""

    def __init__(self, width=CELL, height=CELL, background=(0, 0, 0, 0)):
        self.size = (width, height)
        self.image = Image.new("RGBA", (width * FINE, height * FINE), background)
        self.draw = ImageDraw.Draw(self.image)

    def box(self, x, y, w, h, fill, radius=0, line=None, width=2.5):
        area = [x * FINE, y * FINE, (x + w) * FINE - 1, (y + h) * FINE - 1]
        self.draw.rounded_rectangle(area, radius * FINE, fill, line, round(width * FINE))

    def disc(self, x, y, rx, ry=None, fill=None, line=None, width=2.5):
        ry = rx if ry is None else ry
        area = [(x - rx) * FINE, (y - ry) * FINE, (x + rx) * FINE, (y + ry) * FINE]
        self.draw.ellipse(area, fill, line, round(width * FINE))

    def shape(self, points, fill, line=None, width=2.5):
        points = [(x * FINE, y * FINE) for x, y in points]
        self.draw.polygon(points, fill)
        if line:
            self.draw.line([*points, points[0], points[1]], line, round(width * FINE), joint="curve")

    def curve(self, points, fill, width):
        self.draw.line([(x * FINE, y * FINE) for x, y in points], fill, round(width * FINE), joint="curve")
        for x, y in points:
            self.disc(x, y, width / 2, fill=fill)

    def shade(self, x, y, rx, ry, alpha=70, blur=3):
        """A soft shadow below what is drawn next."""
        layer = Image.new("RGBA", self.image.size, (0, 0, 0, 0))
        area = [(x - rx) * FINE, (y - ry) * FINE, (x + rx) * FINE, (y + ry) * FINE]
        ImageDraw.Draw(layer).ellipse(area, (40, 22, 12, alpha))
        self.paste(layer.filter(ImageFilter.GaussianBlur(blur * FINE)))

    def paste(self, layer, x=0, y=0):
        self.image.alpha_composite(layer, (round(x * FINE), round(y * FINE)))
        self.draw = ImageDraw.Draw(self.image)

    def put(self, other, x, y, scale=1.0):
        """Another sprite with its middle at (x, y)."""
        w, h = (round(side * FINE * scale) for side in other.size)
        self.paste(other.image.resize((w, h), Image.LANCZOS), x - w / FINE / 2, y - h / FINE / 2)

    def mirrored(self):
        other = Sprite(*self.size)
        other.paste(self.image.transpose(Image.FLIP_LEFT_RIGHT))
        return other

    def done(self):
        return self.image.resize(self.size, Image.LANCZOS)


# ------------------------------------------------------------------------------------------------------ what is carried


def onion():
    s = Sprite(ITEM, ITEM)
    s.shade(40, 66, 25, 7)
    s.curve([(40, 24), (36, 10)], "#7d9a3c", 5)
    s.curve([(41, 24), (47, 11)], "#5f7d2b", 5)
    bulb = []
    for i in range(60):
        angle = i / 60 * 2 * math.pi
        x, y = math.sin(angle), -math.cos(angle)
        pointed = 9 * max(0.0, -y) ** 6  # the neck
        bulb.append((40 + 27 * x, 45 + 24 * y - pointed))
    s.shape(bulb, ONION, LINE, 3)
    for bend in (-15, -5, 6, 16):
        stripe = [(40 + bend * math.sin(math.pi * i / 12) * 1.15, 24 + i * 3.6) for i in range(1, 12)]
        s.curve(stripe, ONION_DARK, 1.6)
    s.disc(30, 38, 6, 9, fill=ONION_LIGHT)
    s.curve([(36, 69), (34, 73)], LINE, 2)
    s.curve([(43, 69), (45, 73)], LINE, 2)
    return s


def plate():
    s = Sprite(ITEM, ITEM)
    s.shade(40, 50, 35, 20)
    s.disc(40, 42, 35, 25, CHINA_SHADE, LINE, 3)
    s.disc(40, 40, 32, 22, CHINA)
    s.disc(40, 41, 21, 13, "#e7ebf0", "#bfc7d1", 2)
    s.curve([(14, 34), (19, 28), (26, 24)], "#ffffff", 3)
    return s


def soup():
    s = plate()
    s.disc(40, 43, 26, 16, CHINA, "#aab3bf", 2)
    s.disc(40, 42, 23, 13.5, SOUP, "#9c5812", 2.5)
    s.disc(34, 39, 11, 5, SOUP_LIGHT)
    for x, y in ((45, 44), (33, 46), (51, 39)):
        s.disc(x, y, 3.6, 2.4, ONION_LIGHT, "#b8801f", 1.2)
    for x in (28, 40, 52):
        steam = [(x + 3.2 * math.sin(i / 2.2), 29 - i * 2.2) for i in range(9)]
        s.curve(steam, "#f6f8fa", 3)
    return s


# ------------------------------------------------------------------------------------------------------ the kitchen


def floor(odd):
    s = Sprite()
    s.box(0, 0, CELL, CELL, "#efe1c6" if odd else "#e4d2b1")
    for x, y, w, h in ((0, 0, CELL, 2), (0, 0, 2, CELL)):
        s.box(x, y, w, h, "#d4be97")
    return s


def counter():
    s = Sprite()
    s.box(0, 0, CELL, CELL, WOOD_DARK)
    s.box(0, 106, CELL, 22, "#7b4c2c")
    for x in (32, 64, 96):
        s.box(x - 1, 106, 2, 22, WOOD_EDGE)
    s.box(0, 0, CELL, 106, WOOD)
    for y, bend in ((20, 3), (45, -2), (68, 4), (90, -3)):
        grain = [(x, y + bend * math.sin(x / 21)) for x in range(-4, CELL + 8, 8)]
        s.curve(grain, "#bf8149", 2)
    s.box(0, 0, CELL, 4, WOOD_LIGHT)
    s.box(0, 101, CELL, 5, WOOD_LIGHT)
    s.box(0, 106, CELL, 3, WOOD_EDGE)
    s.box(0, 0, 1.5, CELL, "#b1743f")
    s.box(CELL - 1.5, 0, 1.5, CELL, "#b1743f")
    return s


def onion_crate():
    s = counter()
    s.shade(64, 92, 54, 14)
    s.box(10, 14, 108, 80, "#5a3a20", 7, LINE, 3)
    for x, y in ((37, 30), (64, 27), (91, 30), (30, 48), (56, 46), (84, 47), (102, 52), (42, 62), (70, 62), (93, 64)):
        s.put(onion(), x, y, 0.56)
    for y in (66, 81):
        s.box(7, y, 114, 14, "#b5793f", 4, LINE, 2.5)
        s.box(10, y + 2.5, 108, 3, "#d09a5f", 2)
    for x in (14, 106):
        s.box(x, 62, 9, 36, "#93602f", 3, LINE, 2.5)
    return s


def plate_pile():
    s = counter()
    s.shade(64, 84, 50, 16)
    for i in range(5):
        y = 76 - i * 7
        s.disc(64, y, 46, 24, CHINA_SHADE if i % 2 else "#dde2e8", LINE, 3)
    s.disc(64, 45.5, 42, 20.5, CHINA)
    s.disc(64, 46.5, 27, 12, "#e7ebf0", "#bfc7d1", 2)
    s.curve([(29, 40), (36, 33), (46, 29)], "#ffffff", 3.5)
    return s


def hatch():
    """Where soup is handed out: a green counter with arrows to the dining room."""
    s = Sprite()
    s.box(0, 0, CELL, CELL, "#3f6b3a")
    s.box(0, 106, CELL, 22, "#355a31")
    s.box(0, 0, CELL, 106, "#63a557")
    s.box(0, 0, CELL, 4, "#8cc97f")
    s.box(0, 101, CELL, 5, "#8cc97f")
    s.box(0, 106, CELL, 3, "#2a4a27")
    s.box(12, 12, 104, 82, "#4c8a44", 10, "#2f5a2b", 3)
    for y in (18, 43, 68):
        s.shape([(64, y + 20), (30, y + 3), (30, y - 4 + 4), (64, y + 8), (98, y), (98, y + 3)], "#dff5d5")
    s.shade(64, 61, 30, 8)
    s.disc(64, 58, 31, 8, "#a8791d", LINE, 3)
    dome = [(64 + 25 * math.cos(a), 55 - 26 * math.sin(a)) for a in [math.pi * i / 24 for i in range(25)]]
    s.shape(dome, "#f2c744", LINE, 3)
    s.curve([(48, 48), (52, 41), (57, 37)], "#fdebae", 4)
    s.disc(64, 27, 5, fill="#f2c744", line=LINE, width=3)
    return s


def stove():
    s = Sprite()
    s.box(0, 0, CELL, CELL, "#49525e")
    s.box(0, 0, CELL, 106, "#6b7683")
    s.box(0, 0, CELL, 4, "#94a0ad")
    s.box(0, 101, CELL, 5, "#94a0ad")
    s.box(0, 106, CELL, 3, "#343b45")
    for x in (34, 64, 94):
        s.disc(x, 118, 5.5, fill="#2b3138", line="#20252b", width=1.5)
        s.box(x - 1, 113.5, 2, 5, "#dfe5ec")
    s.disc(64, 56, 52, 44, "#3a424c", "#2a3038", 3)
    return s


def pot(onions=0, ready=False, frame=0):
    """``onions`` in it; with three it cooks, until it is ``ready``."""
    s = stove()
    cooking = onions == 3 and not ready
    s.shade(64, 82, 46, 14, 90)
    for side in (-1, 1):
        s.box(64 + side * 47 - 9, 50, 18, 14, STEEL_DARK, 6, "#2f3741", 3)
    s.shape([(22, 50), (25, 84), (36, 96), (64, 100), (92, 96), (103, 84), (106, 50)], STEEL, "#2f3741", 3.5)
    s.box(31, 62, 8, 26, STEEL_LIGHT, 4)
    s.disc(64, 48, 43, 25, STEEL_LIGHT, "#2f3741", 3.5)
    s.disc(64, 49, 36, 19.5, "#39424d")
    if ready or cooking:
        s.disc(64, 50, 35, 18.5, SOUP if ready else "#c9a765", "#8a5418" if ready else "#8a6f36", 2)
        s.disc(55, 45, 18, 6, SOUP_LIGHT if ready else "#dcc48d")
    if cooking:
        spots = [(46, 52, 6), (66, 44, 5), (80, 54, 7)] if frame else [(52, 46, 5), (60, 57, 7), (84, 48, 5)]
        for x, y, r in spots:
            s.disc(x, y, r, r * 0.7, "#ead9b0", "#a2854a", 1.6)
        for x in (44, 64, 84):
            steam = [(x + 3.5 * math.sin(i / 1.7 + frame * 2.2), 30 - i * 2.6) for i in range(10)]
            s.curve(steam, "#b9c3cd", 4)
    if ready:
        for x, y in ((48, 54), (70, 47), (82, 56), (61, 59)):
            s.disc(x, y, 5, 3.4, ONION_LIGHT, "#b8801f", 1.5)
        for x in (40, 64, 88):
            steam = [(x + 4 * math.sin(i / 1.9), 32 - i * 3) for i in range(10)]
            s.curve(steam, "#f6f8fa", 4.5)
    if ready:
        s.disc(106, 24, 17, fill="#4caf50", line="#ffffff", width=3.5)
        s.curve([(98, 24), (104, 31), (115, 17)], "#ffffff", 5)
    if cooking:
        for i in range(9):
            x = 26 + i * 9.5
            low, high = 103 - abs(i - 4) ** 2 * 0.75, 17 + (7 if (i + frame) % 2 else 0)
            s.shape([(x - 6, low), (x - 1, low - high), (x + 6, low), (x, low + 4)], "#ef7d22", "#b9541a", 1.5)
            s.shape([(x - 2.5, low), (x - 0.5, low - high * 0.55), (x + 3, low), (x, low + 2)], "#fdd75b")
    if not (ready or cooking):
        for x, y in ((48, 48), (79, 48))[:onions]:
            s.put(onion(), x, y, 0.5)
    return s


# ------------------------------------------------------------------------------------------------------ the chefs


def hat(s, x, y, color):
    coat, dark, _ = COATS[color]
    for dx, dy, r in ((-17, -1, 14), (17, -1, 14), (0, -8, 17)):
        s.disc(x + dx, y + dy, r, fill="#ffffff", line=LINE, width=3)
    for dx, dy, r in ((-17, -1, 11.3), (17, -1, 11.3), (0, -8, 14.3)):
        s.disc(x + dx, y + dy, r, fill="#ffffff")
    s.box(x - 22, y + 5, 44, 15, coat, 4, LINE, 3)
    s.box(x - 19, y + 8, 38, 3.5, COATS[color][2], 2)
    s.curve([(x - 7, y - 1), (x - 6, y - 9)], "#dfe4ea", 2.5)
    s.curve([(x + 8, y - 1), (x + 7, y - 10)], "#dfe4ea", 2.5)


def body(s, color, sideways=False):
    coat, dark, light = COATS[color]
    wide = 25 if sideways else 31
    s.shade(64, 148, 36, 9, 110)
    for x in ((58, 72) if sideways else (52, 76)):
        s.disc(x, 144, 11, 7, "#3b3f4a", LINE, 2.5)
    s.box(64 - wide, 92, 2 * wide, 50, coat, 21, LINE, 3)


def hand(s, x, y, color, shoulder):
    coat, dark, _ = COATS[color]
    s.curve([shoulder, (x, y)], LINE, 18)
    s.curve([shoulder, (x, y)], coat, 12.5)
    s.disc(x, y, 8, fill=SKIN, line=LINE, width=2.5)


def chef_down(color, carrying):
    coat, dark, light = COATS[color]
    s = Sprite(CELL, TALL)
    body(s, color)
    s.box(49, 97, 30, 45, "#fffaf0", 8, "#d8cfc0", 2)
    s.disc(64, 76, 31, 28, SKIN, LINE, 3)
    for side in (-1, 1):
        s.disc(64 + side * 12, 78, 4.6, 6.2, "#2c1f1a")
        s.disc(64 + side * 12 - 1.5, 75.5, 1.7, fill="white")
        s.disc(64 + side * 20, 88, 5, 3.4, "#f0a890")
    s.curve([(57, 90), (60.5, 93), (64, 94), (67.5, 93), (71, 90)], "#8c4a35", 2.6)
    hat(s, 64, 42, color)
    if carrying:
        hand(s, 42, 117, color, (36, 106))
        hand(s, 86, 117, color, (92, 106))
    else:
        hand(s, 30, 126, color, (37, 106))
        hand(s, 98, 126, color, (91, 106))
    return s


def chef_up(color, carrying):
    coat, dark, light = COATS[color]
    s = Sprite(CELL, TALL)
    if carrying:
        hand(s, 36, 92, color, (37, 106))
        hand(s, 92, 92, color, (91, 106))
    body(s, color)
    s.curve([(64, 104), (64, 136)], dark, 2.5)
    s.curve([(46, 118), (82, 118)], "#fffaf0", 4)
    s.shape([(64, 118), (55, 129), (60, 131)], "#fffaf0")
    s.shape([(64, 118), (73, 129), (68, 131)], "#fffaf0")
    s.disc(64, 76, 31, 28, "#7a4a2c", LINE, 3)
    s.disc(64, 69, 24, 16, "#8d5a38")
    hat(s, 64, 42, color)
    if not carrying:
        hand(s, 30, 126, color, (37, 106))
        hand(s, 98, 126, color, (91, 106))
    return s


def chef_right(color, carrying):
    coat, dark, light = COATS[color]
    s = Sprite(CELL, TALL)
    body(s, color, sideways=True)
    s.box(74, 98, 15, 42, "#fffaf0", 6, "#d8cfc0", 2)
    s.disc(64, 76, 30, 28, SKIN, LINE, 3)
    back = Sprite(CELL, TALL)
    back.disc(64, 76, 28.6, 26.6, "#7a4a2c")
    mask = Sprite(CELL, TALL)
    mask.shape([(30, 40), (58, 40), (54, 66), (57, 84), (46, 104), (30, 104)], "white")
    back.image.putalpha(ImageChops.multiply(back.image.getchannel("A"), mask.image.getchannel("A")))
    s.paste(back.image)
    s.disc(54, 80, 5, 6, SKIN_SHADE, LINE, 2)
    s.disc(80, 77, 4.3, 6.2, "#2c1f1a")
    s.disc(81, 74.5, 1.7, fill="white")
    s.disc(94, 83, 5, 4, SKIN, LINE, 2.5)
    s.disc(76, 89, 5, 3.2, "#f0a890")
    s.curve([(81, 93), (85, 94), (88, 92)], "#8c4a35", 2.6)
    hat(s, 62, 42, color)
    if carrying:
        hand(s, 92, 116, color, (62, 109))
    else:
        hand(s, 64, 128, color, (61, 109))
    return s


def frames():
    """Every picture by name; those that fill their cell come first."""
    cells = {
        "floor-0": floor(0), "floor-1": floor(1), "counter": counter(), "onions": onion_crate(),
        "plates": plate_pile(), "hatch": hatch(), "pot-0": pot(0), "pot-1": pot(1), "pot-2": pot(2),
        "pot-cooking-0": pot(3), "pot-cooking-1": pot(3, frame=1), "pot-ready": pot(3, ready=True),
    }  # fmt: skip
    others = {"onion": onion(), "plate": plate(), "soup": soup()}
    for color in COATS:
        for end, carrying in (("", False), ("-carrying", True)):
            others[f"{color}-down{end}"] = chef_down(color, carrying)
            others[f"{color}-up{end}"] = chef_up(color, carrying)
            others[f"{color}-right{end}"] = right = chef_right(color, carrying)
            others[f"{color}-left{end}"] = right.mirrored()
    return cells, others


def extruded(picture):
    """With its outermost pixels repeated: neighbouring cells must not show a seam when they are scaled."""
    margin = GAP // 2
    w, h = picture.size
    wide = Image.new("RGBA", (w + GAP, h + GAP))
    for dx in (0, GAP, margin):
        for dy in (0, GAP, margin):
            wide.paste(picture, (dx, dy))
    for box, place in (
        ((0, 0, w, 1), (margin, 0)), ((0, h - 1, w, h), (margin, h + margin)),
        ((0, 0, 1, h), (0, margin)), ((w - 1, 0, w, h), (w + margin, margin)),
    ):  # fmt: skip
        strip = picture.crop(box)
        size = (w, margin) if box[3] - box[1] == 1 else (margin, h)
        wide.paste(strip.resize(size), place)
    return wide


def main():
    cells, others = frames()
    sheet = Image.new("RGBA", (COLUMNS * (CELL + GAP), 1024))
    placed, x, y, row = {}, 0, 0, 0
    for name, sprite in {**cells, **others}.items():
        w, h = sprite.size
        if x + w + GAP > sheet.width or (row and h > row):
            x, y, row = 0, y + row + GAP, 0
        picture = sprite.done()
        if name in cells:
            sheet.paste(extruded(picture), (x, y))
        else:
            sheet.paste(picture, (x + GAP // 2, y + GAP // 2))
        placed[name] = {"frame": {"x": x + GAP // 2, "y": y + GAP // 2, "w": w, "h": h}}
        x, row = x + w + GAP, max(row, h)
    sheet = sheet.crop((0, 0, sheet.width, y + row + GAP))
    sheet.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(HERE / "kitchen.png", optimize=True)
    described = {"frames": placed, "meta": {"image": "kitchen.png", "size": {"w": sheet.width, "h": sheet.height}}}
    (HERE / "kitchen.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
