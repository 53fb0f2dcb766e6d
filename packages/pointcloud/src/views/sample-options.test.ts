import { ArgumentError } from '@anomclip/core';
import { describe, expect, test } from 'vitest';
import { type MultiViewSampleOptions, resolveSampleOptions } from './sample-options.js';

describe('resolveSampleOptions', () => {
  test('the defaults are those of pointad.md 12', () => {
    const { views, camera, render, visibility } = resolveSampleOptions();
    expect(views).toEqual({ schedule: 'circularX', count: 9, angleShift: 0, convention: 'xyz', select: [] });
    expect(camera).toMatchObject({ zoom: 0.7, fit: 'none', fitStep: 0.005, shareWithGroundTruth: true });
    expect(camera.fieldOfView).toBeCloseTo((60 * Math.PI) / 180, 12);
    expect(render).toMatchObject({
      window: 1024,
      size: 336,
      pointSize: 8,
      groundTruthPointSize: 6,
      baseColour: 0.7,
    });
    expect(render).toMatchObject({ groundTruthWindow: 1024, background: 1 });
    expect(render.light).toMatchObject({ diffuse: 0.66, specular: 0.2, shininess: 100, ambient: 0 });
    expect(visibility).toEqual({ resolution: 336, outOfFrame: 'invisible', unseen: 'auto' });
  });

  test.each([
    ['mvtec3d', 'cable_gland', 12, 0.1, 50, 180],
    ['mvtec3d', 'rope', 5, 0.1, 50, 180],
    ['mvtec3d', 'toString', 8, 0.1, 50, 180],
    ['eyecandies', 'Confetto', 10, 0.1, 50, 45],
    ['real3d', 'shell', 12, 0.8, 30, 180],
  ] as const)('%s %s: points of %i pixels, its normals and turn (pointad.md 2.6)', (...row) => {
    const [dataset, className, pointSize, radius, maxNeighbours, degrees] = row;
    const { render, baseAngle } = resolveSampleOptions({ dataset, className });
    expect(render.pointSize).toBe(pointSize);
    expect(render.normals).toEqual({ radius, maxNeighbours });
    expect((baseAngle * 180) / Math.PI).toBeCloseTo(degrees, 12);
  });

  test.each([
    ['mvtec3d', 'tiltMvtec9', 1024, 'none', true],
    ['eyecandies', 'tiltEyecandies9', 1036, 'stepBack', false],
    ['real3d', 'circularX', 1036, 'none', true],
  ] as const)(
    'released %s: schedule, window, camera and visibility of the code',
    (dataset, schedule, window, fit, shares) => {
      const released = resolveSampleOptions({ preset: 'released', dataset });
      expect(released.views.schedule).toBe(schedule);
      expect(released.render).toMatchObject({ window, groundTruthWindow: 1036 });
      expect(released.camera).toMatchObject({ fit, shareWithGroundTruth: shares });
      expect(released.visibility).toEqual({
        resolution: 336,
        outOfFrame: 'clamp',
        unseen: 'rasterNeighbour',
      });
    },
  );

  test('the paper tests visibility on the grid of patches', () => {
    expect(resolveSampleOptions({ preset: 'paper' }).visibility.resolution).toBe(24);
  });

  test('CLIP3D-AD: views 5, 9, 14, 19, 27 of the grid, coloured, 240 pixels (clip3d-ad.md 4)', () => {
    const { views, camera, render, keep } = resolveSampleOptions({ preset: 'clip3d' });
    expect(views).toMatchObject({ schedule: 'grid27', convention: 'paper', select: [5, 9, 14, 19, 27] });
    expect(camera.boxes).toBe('sample');
    expect(render).toMatchObject({ window: 240, size: 240, pointSize: 5, colouring: 'colours' });
    expect(keep).toEqual({ correspondences: false, indexMaps: true });
  });

  test('what is given overrides the preset, what is undefined does not, a class overrides both', () => {
    const options: MultiViewSampleOptions = {
      preset: 'released',
      dataset: 'mvtec3d',
      className: 'cookie',
      views: { schedule: undefined, angleShift: 0.1, perClass: { cookie: { angleShift: 0.2 } } },
      render: { pointSize: 3 },
    };
    const { views, render } = resolveSampleOptions(options);
    expect(views).toMatchObject({ schedule: 'tiltMvtec9', angleShift: 0.2 });
    expect(render.pointSize).toBe(3);
    expect(resolveSampleOptions({ ...options, className: 'bagel' }).views.angleShift).toBe(0.1);
  });

  test('the ground truth and the depth test follow window and size unless told', () => {
    const { render, visibility } = resolveSampleOptions({ render: { window: 500, size: 100 } });
    expect([render.groundTruthWindow, visibility.resolution]).toEqual([500, 100]);
  });

  test('resolved options resolve to themselves, in every order of keys', () => {
    for (const preset of ['recommended', 'released', 'paper', 'clip3d'] as const) {
      const resolved = resolveSampleOptions({ preset, dataset: 'eyecandies' });
      expect(JSON.stringify(resolveSampleOptions(resolved))).toBe(JSON.stringify(resolved));
      const shuffled = { ...resolved, views: Object.fromEntries(Object.entries(resolved.views).reverse()) };
      expect(JSON.stringify(resolveSampleOptions(shuffled))).toBe(JSON.stringify(resolved));
    }
  });

  test.each([
    [{ preset: 'published' }],
    [{ dataset: 'visa' }],
    [{ views: { schedule: 'circle' } }],
    [{ views: { count: 0 } }],
    [{ views: { select: [0] } }],
    [{ views: { angleShift: Number.NaN } }],
    [{ view: {} }],
    [{ render: { pointsize: 3 } }],
    [{ render: { size: 10_000 } }],
    [{ render: { pointSize: 0.5 } }],
    [{ render: { background: 2 } }],
    [{ render: { light: { diffuse: -1 } } }],
    [{ render: { light: { difuse: 1 } } }],
    [{ render: { normals: { radius: 0 } } }],
    [{ camera: { zoom: 0 } }],
    [{ camera: { fieldOfView: 4 } }],
    [{ visibility: { outOfFrame: 'hide' } }],
    [{ visibility: { resolution: 1.5 } }],
    [{ keep: { indexMaps: 1 } }],
    [{ keep: null }],
    [{ baseAngle: '0' }],
  ])('refuses %j', (options) => {
    expect(() => resolveSampleOptions(options as MultiViewSampleOptions)).toThrow(ArgumentError);
  });
});
