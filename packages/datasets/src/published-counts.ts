import type { ClassCounts } from './dataset.js';

/** `Dataset.name` of everything that can be opened. */
export type LayoutName =
  | 'mvtec3d'
  | 'eyecandies'
  | 'real3d'
  | 'anomaly-shapenet'
  | 'mvtec-ad'
  | 'mvtec-loco'
  | 'visa'
  | 'folders';

/** Samples of a class as published: training, validation, normal test, anomalous test. */
export type PublishedCounts = readonly [
  train: number,
  validation: number,
  testNormal: number,
  testAnomalous: number,
];

/** Classes and counts of the published datasets. Data of the user's own has none. */
export const publishedCounts: Readonly<Record<LayoutName, Readonly<Record<string, PublishedCounts>>>> = {
  mvtec3d: {
    bagel: [244, 22, 22, 88],
    cable_gland: [223, 23, 21, 87],
    carrot: [286, 29, 27, 132],
    cookie: [210, 22, 28, 103],
    dowel: [288, 34, 26, 104],
    foam: [236, 27, 20, 80],
    peach: [361, 42, 26, 106],
    potato: [300, 33, 22, 92],
    rope: [298, 33, 32, 69],
    tire: [210, 29, 25, 87],
  },
  eyecandies: equalCounts(
    [1000, 100, 25, 25],
    [
      'CandyCane',
      'ChocolateCookie',
      'ChocolatePraline',
      'Confetto',
      'GummyBear',
      'HazelnutTruffle',
      'LicoriceSandwich',
      'Lollipop',
      'Marshmallow',
      'PeppermintCandy',
    ],
  ),
  real3d: {
    ...equalCounts(
      [4, 0, 50, 50],
      [
        'airplane',
        'car',
        'candybar',
        'diamond',
        'duck',
        'fish',
        'gemstone',
        'seahorse',
        'starfish',
        'toffees',
      ],
    ),
    chicken: [4, 0, 52, 54],
    shell: [4, 0, 52, 48],
  },
  // The published list gives the training shapes; test shapes are 15 to 24 per class, without a table.
  'anomaly-shapenet': equalCounts(
    [4, 0, Number.NaN, Number.NaN],
    [
      ...numbered('ashtray', 0),
      ...numbered('bag', 0),
      ...numbered('bottle', 0, 1, 3),
      ...numbered('bowl', 0, 1, 2, 3, 4, 5),
      ...numbered('bucket', 0, 1),
      ...numbered('cap', 0, 3, 4, 5),
      ...numbered('cup', 0, 1),
      ...numbered('eraser', 0),
      ...numbered('headset', 0, 1),
      ...numbered('helmet', 0, 1, 2, 3),
      ...numbered('jar', 0),
      ...numbered('microphone', 0),
      ...numbered('shelf', 0),
      ...numbered('tap', 0, 1),
      ...numbered('vase', 0, 1, 2, 3, 4, 5, 7, 8, 9),
    ],
  ),
  'mvtec-ad': {
    bottle: [209, 0, 20, 63],
    cable: [224, 0, 58, 92],
    capsule: [219, 0, 23, 109],
    carpet: [280, 0, 28, 89],
    grid: [264, 0, 21, 57],
    hazelnut: [391, 0, 40, 70],
    leather: [245, 0, 32, 92],
    metal_nut: [220, 0, 22, 93],
    pill: [267, 0, 26, 141],
    screw: [320, 0, 41, 119],
    tile: [230, 0, 33, 84],
    toothbrush: [60, 0, 12, 30],
    transistor: [213, 0, 60, 40],
    wood: [247, 0, 19, 60],
    zipper: [240, 0, 32, 119],
  },
  'mvtec-loco': {
    breakfast_box: [351, 62, 102, 173],
    juice_bottle: [335, 54, 94, 236],
    pushpins: [372, 69, 138, 172],
    screw_bag: [360, 60, 122, 219],
    splicing_connectors: [354, 59, 119, 193],
  },
  // The one-class split, 1cls.csv.
  visa: {
    candle: [900, 0, 100, 100],
    capsules: [542, 0, 60, 100],
    cashew: [450, 0, 50, 100],
    chewinggum: [453, 0, 50, 100],
    fryum: [450, 0, 50, 100],
    macaroni1: [900, 0, 100, 100],
    macaroni2: [900, 0, 100, 100],
    pcb1: [904, 0, 100, 100],
    pcb2: [901, 0, 100, 100],
    pcb3: [905, 0, 101, 100],
    pcb4: [904, 0, 101, 100],
    pipe_fryum: [450, 0, 50, 100],
  },
  folders: {},
};

/** Whether the published dataset has a class of this name. */
export function isPublishedClass(layout: LayoutName, className: string): boolean {
  return Object.hasOwn(publishedCounts[layout], className);
}

/** The four counts of a class. */
export type CountedPart = Exclude<keyof ClassCounts, 'className'>;

const partTitles: Readonly<Record<CountedPart, string>> = {
  train: 'train',
  validation: 'validation',
  testNormal: 'normal test',
  testAnomalous: 'anomalous test',
};

/** All counts, in the order of {@link PublishedCounts}. */
export const countedParts = Object.keys(partTitles) as readonly CountedPart[];

/** The parts whose counts differ from the published ones; nothing for classes and parts that are not published. */
export function differencesFromPublished(
  layout: LayoutName,
  counts: ClassCounts,
  incomparable: ReadonlySet<CountedPart>,
): { readonly part: string; readonly found: number; readonly published: number }[] {
  if (!isPublishedClass(layout, counts.className)) return [];
  return publishedCounts[layout][counts.className].flatMap((published, i) => {
    const [part, found] = [countedParts[i], counts[countedParts[i]]];
    const differs = !Number.isNaN(published) && !incomparable.has(part) && found !== published;
    return differs ? [{ part: partTitles[part], found, published }] : [];
  });
}

function equalCounts(
  counts: PublishedCounts,
  classes: readonly string[],
): Readonly<Record<string, PublishedCounts>> {
  return Object.fromEntries(classes.map((className) => [className, counts]));
}

function numbered(name: string, ...numbers: readonly number[]): string[] {
  return numbers.map((number) => `${name}${number}`);
}
