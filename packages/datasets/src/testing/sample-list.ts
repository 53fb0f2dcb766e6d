import type { Sample, SampleData, Split } from '../sample.js';

/** A sample without files, which loads what it is given. */
export function listedSample(
  id: string,
  load: (options?: { signal?: AbortSignal }) => Promise<SampleData> = async () => ({ warnings: [] }),
): Sample {
  const [className, split, defectType] = id.split('/');
  const none = () => Promise.reject(new Error('no files'));
  return {
    id,
    dataset: 'test',
    className,
    split: split as Split,
    defectType,
    label: defectType === 'good' ? 0 : 1,
    parts: [],
    load,
    loadImage: none,
    loadMask: none,
    loadOrganised: none,
    loadCloud: none,
  };
}
