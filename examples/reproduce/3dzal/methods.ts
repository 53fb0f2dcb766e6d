import type { PartialThreeDzalConfig } from '@anomclip/methods/three-dzal';

/**
 * Rows of the tables, and what of the configuration makes them. Those of Table 3 begin with the baseline and add one part
 * after another, up to the input perturbation (IP), which is the whole method; two more leave one loss out of the whole.
 */
export const methods = {
  BTF: {
    learned: { enabled: false },
    classifier: { enabled: false },
    fusion: { scale: 'none' },
  },
  'BTF + L_con': { disentanglement: { weight: 0 }, classifier: { enabled: false } },
  'BTF + L_con + L_rd': { classifier: { enabled: false } },
  'BTF + L_con + L_rd + C_w': { perturb: { eta: 0 } },
  '3DzAL': {},
  '3DzAL without L_con': { contrastive: { weight: 0 } },
  '3DzAL without L_rd': { disentanglement: { weight: 0 } },
  '3DzAL, adding only': { pseudo: { removing: 0 } },
  '3DzAL, removing only': { pseudo: { adding: 0 } },
} as const satisfies Record<string, PartialThreeDzalConfig>;

export type Method = keyof typeof methods;

/** Rows that show what each part is worth. */
export const ablation: readonly Method[] = [
  'BTF',
  'BTF + L_con',
  'BTF + L_con + L_rd',
  'BTF + L_con + L_rd + C_w',
  '3DzAL without L_con',
  '3DzAL without L_rd',
  '3DzAL',
];

/** Both configurations, group by group. */
export function combined(
  first: PartialThreeDzalConfig,
  second: PartialThreeDzalConfig,
): PartialThreeDzalConfig {
  const entries = Object.entries(second).map(([name, value]) => {
    const before = first[name as keyof PartialThreeDzalConfig];
    return [name, isGroup(before) && isGroup(value) ? { ...before, ...value } : value];
  });
  return { ...first, ...Object.fromEntries(entries) };
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
