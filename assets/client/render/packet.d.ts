/** The draw packet, as the environment's side writes it. Coordinates in surface pixels, y downward. Types only. */

export interface DrawPacket {
  /** Size of the surface; null means the scene's own size. */
  width: number | null;
  height: number | null;
  /** Forget all objects that are not in this packet. */
  full: boolean;
  objects: DrawObject[];
  removed: string[];
  /** By id, how far an object stood from where a rollback has moved it. Added to its place, and fades. */
  corrections?: Record<string, [number, number]>;
  /** To be played once: name and volume, 0 to 1. A packet of nothing else leaves the picture as it is. */
  sounds?: [string, number][];
}

interface Common {
  id: string;
  persistent: boolean;
  depth: number;
  /** Milliseconds of the glide to the new position. */
  tween: number | null;
  alpha: number;
}

interface Paint {
  color: string | null;
  stroke_color: string | null;
  stroke_width: number;
}

type Point = [number, number];

export type Rect = Common & Paint & { kind: "rect"; x: number; y: number; w: number; h: number; border_radius: number };
export type Circle = Common & Paint & { kind: "circle"; x: number; y: number; radius: number };
export type Ellipse = Common & Paint & { kind: "ellipse"; x: number; y: number; rx: number; ry: number };
export type Arc = Common & Paint &
  { kind: "arc"; x: number; y: number; radius: number; start_angle: number; end_angle: number };
export type Line = Common &
  {
    kind: "line"; points: Point[]; color: string; width: number; fill_below: string | null; fill_above: string | null;
  };
export type Polygon = Common & Paint & { kind: "polygon"; points: Point[] };
export type TextObject = Common &
  {
    kind: "text"; text: string; x: number; y: number; size: number; color: string; font: string;
    align: "left" | "center" | "right"; anchor: [number, number];
  };
export type ImageObject = Common &
  {
    kind: "image"; image: string; x: number; y: number; w: number; h: number; frame: number | string | null;
    angle: number; flip_x: boolean; flip_y: boolean;
    /** Which frame is shown; it runs by the screen's time. */
    animation?: string;
  };

export type DrawObject = Rect | Circle | Ellipse | Arc | Line | Polygon | TextObject | ImageObject;

export type PictureSpec =
  | { kind: "image"; name: string; path: string }
  | { kind: "spritesheet"; name: string; path: string; frame_width: number; frame_height: number }
  | { kind: "atlas"; name: string; path: string; json_path: string }
  /** The JSON names its pictures, relative to itself. */
  | { kind: "multi_atlas"; name: string; json_path: string };

export type AssetSpec =
  | PictureSpec
  | { kind: "sound"; name: string; path: string }
  | {
    kind: "animation"; name: string; image: string; frames: (number | string)[]; fps: number; repeat: boolean;
  };
