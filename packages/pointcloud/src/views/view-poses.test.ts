import { ArgumentError } from '@anomclip/core';
import { describe, expect, test } from 'vitest';
import { rotationX, rotationXyz, rotationY } from '../rotations.js';
import { viewPoses, viewPosesOfClass } from './view-poses.js';

const degrees = (angle: number) => (angle * Math.PI) / 180;

/** The multiples of π that `pointad.md` 2.7 prints. */
const circles: [number, number[]][] = [
  [1, [0]],
  [3, [-1 / 2, 0, 1 / 2]],
  [5, [-2 / 3, -1 / 3, 0, 1 / 3, 2 / 3]],
  [7, [-3 / 4, -1 / 2, -1 / 4, 0, 1 / 4, 1 / 2, 3 / 4]],
  [9, [-4 / 5, -3 / 5, -2 / 5, -1 / 5, 0, 1 / 5, 2 / 5, 3 / 5, 4 / 5]],
  [11, [-5 / 6, -2 / 3, -1 / 2, -1 / 3, -1 / 6, 0, 1 / 6, 1 / 3, 1 / 2, 2 / 3, 5 / 6]],
  [2, [-1 / 3, 1 / 3]],
  [4, [-3 / 5, -1 / 5, 1 / 5, 3 / 5]],
];

describe('viewPoses', () => {
  test.each(circles)('circularX with %i views turns about x by the printed angles', (count, angles) => {
    expectRotations(
      viewPoses({ count }),
      angles.map((angle) => rotationX(angle * Math.PI)),
    );
  });

  test.each([
    ['tiltMvtec9', [-45, -15, 0, 15, 45]],
    ['tiltEyecandies9', [-30, -15, 0, 10, 20]],
  ] as const)('%s tilts about x, then about y', (schedule, aboutX) => {
    expectRotations(viewPoses({ schedule }), [
      ...aboutX.map((angle) => rotationX(degrees(angle))),
      ...[-30, -15, 15, 30].map((angle) => rotationY(degrees(angle))),
    ]);
  });

  // `clip3d-ad.md` 4.2; views count from 1.
  test.each([
    ['paper', 5, [0.965926, -0.066987, -0.25, 0, 0.965926, -0.258819, 0.258819, 0.25, 0.933013]],
    ['paper', 9, [0.965926, -0.066987, 0.25, 0, 0.965926, 0.258819, -0.258819, -0.25, 0.933013]],
    ['paper', 14, [0.933013, -0.314705, -0.174494, 0.25, 0.915675, -0.314705, 0.258819, 0.25, 0.933013]],
    ['paper', 19, [0.965926, 0.258819, 0, -0.258819, 0.965926, 0, 0, 0, 1]],
    ['paper', 27, [0.933013, 0.185295, 0.308469, -0.25, 0.95035, 0.185295, -0.258819, -0.25, 0.933013]],
    ['xyz', 5, [0.933013, 0.25, -0.258819, -0.258819, 0.965926, 0, 0.25, 0.066987, 0.965926]],
    ['xyz', 9, [0.933013, -0.25, 0.258819, 0.258819, 0.965926, 0, -0.25, 0.066987, 0.965926]],
    ['xyz', 14, [0.933013, 0.25, -0.258819, -0.185295, 0.95035, 0.25, 0.308469, -0.185295, 0.933013]],
    ['xyz', 19, [1, 0, 0, 0, 0.965926, -0.258819, 0, 0.258819, 0.965926]],
    ['xyz', 27, [0.933013, -0.25, 0.258819, 0.314705, 0.915675, -0.25, -0.174494, 0.314705, 0.933013]],
  ] as const)('grid27, convention %s, view %i is the printed matrix', (convention, view, expected) => {
    const { rotation } = viewPoses({ schedule: 'grid27', convention })[view - 1];
    for (let i = 0; i < 9; i++) expect(rotation[i]).toBeCloseTo(expected[i], 6);
  });

  test('the shift is added to every angle', () => {
    const angleShift = Math.PI / 20;
    expectRotations(viewPoses({ count: 3, angleShift }), [
      rotationX(-Math.PI / 2 + angleShift),
      rotationX(angleShift),
      rotationX(Math.PI / 2 + angleShift),
    ]);
    expectRotations(viewPoses({ schedule: 'tiltMvtec9', angleShift }).slice(8), [
      rotationY(degrees(30) + angleShift),
    ]);
    expectRotations(viewPoses({ schedule: 'grid27', angleShift }).slice(0, 1), [
      rotationXyz(angleShift, angleShift, angleShift),
    ]);
  });

  test('refuses what no schedule has', () => {
    expect(() => viewPoses({ count: 0 })).toThrow(ArgumentError);
    expect(() => viewPoses({ count: 2.5 })).toThrow(ArgumentError);
    expect(() => viewPoses({ schedule: 'tiltMvtec9', count: 5 })).toThrow('9 views');
    expect(() => viewPoses({ schedule: 'spiral' as 'grid27' })).toThrow(ArgumentError);
    expect(() => viewPoses({ angleShift: Number.NaN })).toThrow(ArgumentError);
  });
});

describe('viewPosesOfClass', () => {
  const own = [{ rotation: rotationY(1) }];
  const options = {
    views: { count: 5 },
    perClass: { cookie: { schedule: 'tiltMvtec9' }, rope: own },
  } as const;

  test('a class has its own poses, or those of all classes', () => {
    expect(viewPosesOfClass('cookie', options)).toEqual(viewPoses({ schedule: 'tiltMvtec9' }));
    expect(viewPosesOfClass('rope', options)).toBe(own);
    expect(viewPosesOfClass('bagel', options)).toEqual(viewPoses({ count: 5 }));
    expect(viewPosesOfClass('toString', options)).toEqual(viewPoses({ count: 5 }));
    expect(viewPosesOfClass('bagel')).toEqual(viewPoses());
  });
});

function expectRotations(poses: readonly { rotation: Float64Array }[], expected: readonly Float64Array[]) {
  expect(poses).toHaveLength(expected.length);
  poses.forEach(({ rotation }, view) => {
    for (let i = 0; i < 9; i++) expect(rotation[i]).toBeCloseTo(expected[view][i], 12);
  });
}
