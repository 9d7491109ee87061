// Colours that can be read, whatever colour a brand has (WCAG 2.2, 1.4.3 and 1.4.11).

type Rgb = readonly [number, number, number];

const parse = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
const format = (rgb: Rgb): string => `#${rgb.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;

function luminance(hex: string): number {
  const [red, green, blue] = parse(hex).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The contrast of two colours, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** A colour on its way to another: 0 is the first, 1 the second. */
export function mix(from: string, to: string, part: number): string {
  const [a, b] = [parse(from), parse(to)];
  return format(a.map((value, at) => value + ((b[at] ?? 0) - value) * part) as unknown as Rgb);
}

/** The colour, moved as little as is needed towards `towards`, until it contrasts enough with every one of `backgrounds`. */
export function readable(colour: string, towards: string, backgrounds: string[], enough = 4.5): string {
  for (let step = 0; step <= 100; step++) {
    const moved = mix(colour, towards, step / 100);
    if (backgrounds.every((background) => contrast(moved, background) >= enough)) return moved;
  }
  return towards;
}
