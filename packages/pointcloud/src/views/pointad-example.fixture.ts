import { rotationX } from '../rotations.js';
import { boundingBox } from './box.js';
import { fitCamera } from './camera.js';
import { rotateAbout } from './pose.js';

/** The six points of the self-checks in `pointad.md` 11.1 and 11.2, before their camera. */
export function pointadExample() {
  const scan = Float64Array.of(0, 0, 1, 0.1, 0, 1, 0, 0.2, 1, 0.1, 0.2, 1.05, 0.05, 0.1, 0.95, 0.02, 0.03, 1);
  const base = rotateAbout(scan, { rotation: rotationX(Math.PI) }, [0, 0, 0]);
  const positions = rotateAbout(base, { rotation: rotationX(Math.PI / 5) });
  const box = boundingBox(positions);
  return { positions, box, camera: fitCamera(box) };
}
