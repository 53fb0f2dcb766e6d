import { expect, test } from 'vitest';
import { openAnomalyShapenet } from './anomaly-shapenet.js';
import { useTemporaryRoot } from './testing/temporary-root.js';
import { writeFiles } from './testing/tiny-files.js';
import { type Files, shapenetFiles } from './testing/tiny-layouts.js';

const root = useTemporaryRoot();

function below(folder: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, contents]) => [`${folder}/${path}`, contents]));
}

test('positive means normal, and the type stands between the class and the number', async () => {
  await writeFiles(root(), below('pcd', shapenetFiles('bowl0')));
  const dataset = await openAnomalyShapenet(root());
  expect(dataset.samples().map(({ id, label }) => [id, label])).toEqual([
    ['bowl0/train/good/bowl0_template0', 0],
    ['bowl0/test/good/bowl0_positive0', 0],
    ['bowl0/test/bulge/bowl0_bulge12', 1],
  ]);
  expect(dataset.samples()[0].unitScale).toBeUndefined();
});

test('comma separated ground truth gives points and labels, coordinates as they are', async () => {
  await writeFiles(root(), below('pcd', shapenetFiles('bowl0')));
  const [sample] = (await openAnomalyShapenet(root())).samples({ label: 1 });
  const { cloud, pointLabels } = await sample.load();
  expect(Array.from(cloud?.positions.data ?? [])).toEqual([0.25, 0.5, 0.75, 0.5, 0, 0]);
  expect(Array.from(pointLabels ?? [])).toEqual([0, 1]);
});

test('the folder pcd itself can be opened, gt may be in lower case and separated by spaces', async () => {
  const files = shapenetFiles('bowl0');
  delete files['bowl0/GT/bowl0_bulge12.txt'];
  await writeFiles(root(), { ...files, 'bowl0/gt/bowl0_bulge12.txt': '0.25 0.5 0.75 1\n' });
  const [sample] = (await openAnomalyShapenet(root())).samples({ label: 1 });
  expect((await sample.loadCloud()).labels).toEqual(Uint8Array.of(1));
});

test('the classes of the later release are found, a class that is there twice is reported', async () => {
  await writeFiles(root(), {
    ...below('pcd', shapenetFiles('bowl0')),
    ...below('new', shapenetFiles('bowl0')),
    ...below('new', shapenetFiles('chair0')),
    'obj/bowl0/bowl0.obj': 'v 0 0 0\n',
  });
  const dataset = await openAnomalyShapenet(root(), { classes: ['bowl0', 'chair0'] });
  expect(dataset.classes).toEqual(['bowl0', 'chair0']);
  expect(dataset.samples()).toHaveLength(6);
  const { problems } = await dataset.verify();
  expect(problems.map(({ message }) => message)).toEqual([
    '1 train samples, Anomaly-ShapeNet has 4', // test shapes are not published per class
    expect.stringMatching(/second folder of this class, ignored: .*new.bowl0$/),
  ]);
});
