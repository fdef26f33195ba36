type Colour = readonly [red: number, green: number, blue: number];

/**
 * Every eighth of viridis (van der Walt and Smith 2015, released as CC0), up to six eighths, since yellow cannot be seen
 * on white: equal distances look equally different, with every kind of colour vision and in grey.
 */
const STOPS: readonly Colour[] = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
];

/** The colour at a position from 0, dark, to 1, light, as `#rrggbb`; a position beyond counts as the nearer end. */
export function scaleColour(position: number): string {
  const place = Math.min(1, Math.max(0, position)) * (STOPS.length - 1);
  const index = Math.min(STOPS.length - 2, Math.floor(place));
  const [from, to] = [STOPS[index], STOPS[index + 1]];
  if (from === undefined || to === undefined) throw new RangeError('Cannot find a colour of NaN');
  const share = place - index;
  const channels = from.map((channel, at) => channel + ((to[at] ?? channel) - channel) * share);
  return `#${channels.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
}
