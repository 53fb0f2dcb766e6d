import {
  BufferAttribute,
  BufferGeometry,
  ColorManagement,
  LinearSRGBColorSpace,
  PerspectiveCamera,
  Points,
  PointsMaterial,
  Scene,
  Spherical,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import { scoreColour } from '../../shared/score-colour.js';
import type { EmbeddedCloud } from './embedded-cloud.js';

/** Shows one cloud at a time. */
export interface PointView {
  /** Puts the view into `panel`, with what its colours may mean. */
  show(cloud: EmbeddedCloud, panel: HTMLElement): void;
  hide(): void;
}

/** @throws `Error` without WebGL. */
export function createPointView(): PointView {
  ColorManagement.enabled = false; // colours are those of the maps, to the last bit
  const renderer = new WebGLRenderer({ antialias: true });
  renderer.outputColorSpace = LinearSRGBColorSpace;
  renderer.setClearColor(0x14161a);
  const canvas = renderer.domElement;
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'img');
  const scene = new Scene();
  const camera = new PerspectiveCamera(40, 1.5, 0.01, 20);
  camera.up.set(0, -1, 0); // a sensor's y points down
  const controls = new OrbitControls(camera, canvas);
  const draw = () => renderer.render(scene, camera);
  controls.addEventListener('change', draw);
  const resized = new ResizeObserver(() => {
    renderer.setPixelRatio(devicePixelRatio);
    renderer.setSize(canvas.clientWidth, canvas.clientHeight, false);
    camera.aspect = canvas.clientWidth / Math.max(1, canvas.clientHeight);
    camera.updateProjectionMatrix();
    draw();
  });
  canvas.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault(); // the page shall not scroll
    if (act === 'reset') resetCamera(camera, controls);
    else turn(camera, controls, act);
    draw();
  });
  let points: Points<BufferGeometry, PointsMaterial> | undefined;
  return {
    show(cloud, panel) {
      points = createPoints(cloud);
      scene.add(points);
      canvas.setAttribute(
        'aria-label',
        `${cloud.count} points of ${cloud.id} in space, brighter where the score is higher. Arrow keys turn, plus and minus zoom, 0 resets.`,
      );
      const { geometry } = points;
      const paint = (choice: Colouring) => {
        geometry.setAttribute('color', new BufferAttribute(coloursOf(cloud, choice), 3));
        draw();
      };
      panel.append(canvas, colourChoice(cloud, paint), help());
      resetCamera(camera, controls);
      paint('score');
      resized.observe(canvas);
    },
    hide() {
      resized.disconnect();
      if (points) {
        scene.remove(points);
        points.geometry.dispose();
        points.material.dispose();
      }
      canvas.remove();
    },
  };
}

type Colouring = 'score' | 'truth' | 'photograph';

const keys: Readonly<
  Record<string, 'reset' | { readonly around?: number; readonly over?: number; readonly zoom?: number }>
> = {
  ArrowLeft: { around: -0.15 },
  ArrowRight: { around: 0.15 },
  ArrowUp: { over: -0.15 },
  ArrowDown: { over: 0.15 },
  '+': { zoom: 0.9 },
  '=': { zoom: 0.9 },
  '-': { zoom: 1 / 0.9 },
  '0': 'reset',
};

/** Seen from the sensor, a little from the side, so that heights show. */
function resetCamera(camera: PerspectiveCamera, controls: OrbitControls): void {
  controls.target.set(0, 0, 0);
  camera.position.set(0.45, -0.55, -1.45);
  controls.update();
}

/** Around the target; radians. */
function turn(
  camera: PerspectiveCamera,
  controls: OrbitControls,
  { around = 0, over = 0, zoom = 1 }: { around?: number; over?: number; zoom?: number },
): void {
  const offset = new Vector3().subVectors(camera.position, controls.target);
  // Spherical counts from +y, and up is −y here: turned by half a turn about x, and back.
  offset.set(offset.x, -offset.y, -offset.z);
  const { radius, phi, theta } = new Spherical().setFromVector3(offset);
  offset.setFromSpherical(new Spherical(radius * zoom, phi + over, theta + around).makeSafe());
  camera.position.set(offset.x, -offset.y, -offset.z).add(controls.target);
  controls.update();
}

/** Centred, the longest side 1. */
function createPoints(cloud: EmbeddedCloud): Points<BufferGeometry, PointsMaterial> {
  const { buffer } = bytesOf(cloud.positions);
  const positions = Float32Array.from(new Uint16Array(buffer), (value) => value / 65535);
  for (const axis of [0, 1, 2]) {
    let highest = 0; // the lowest is 0
    for (let i = axis; i < positions.length; i += 3) highest = Math.max(highest, positions[i]);
    for (let i = axis; i < positions.length; i += 3) positions[i] -= highest / 2;
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(positions, 3));
  const size = Math.min(0.025, 2 / Math.sqrt(cloud.count)); // neighbours touch
  return new Points(geometry, new PointsMaterial({ size, vertexColors: true }));
}

/** RGB triples in [0, 1]. */
function coloursOf(cloud: EmbeddedCloud, choice: Colouring): Float32Array {
  if (choice === 'photograph' && cloud.colours) {
    return Float32Array.from(bytesOf(cloud.colours), (value) => value / 255);
  }
  const isTruth = choice === 'truth' && cloud.truth !== undefined;
  const values = bytesOf(isTruth && cloud.truth ? cloud.truth : cloud.scores);
  const palette = isTruth
    ? [
        [90, 96, 110],
        [240, 120, 60],
      ]
    : Array.from({ length: 256 }, (_, i) => scoreColour(0.12 + (0.88 * i) / 255)); // lifted off the dark ground
  const colours = new Float32Array(3 * values.length);
  values.forEach((value, i) => {
    for (let channel = 0; channel < 3; channel++) colours[3 * i + channel] = palette[value][channel] / 255;
  });
  return colours;
}

function colourChoice(cloud: EmbeddedCloud, paint: (choice: Colouring) => void): HTMLElement {
  const choices: [Colouring, string][] = [
    ['score', 'score'],
    ...(cloud.truth ? [['truth', 'true mask'] as [Colouring, string]] : []),
    ...(cloud.colours ? [['photograph', 'photograph'] as [Colouring, string]] : []),
  ];
  const group = document.createElement('div');
  group.setAttribute('role', 'radiogroup');
  group.setAttribute('aria-label', 'colour of the points');
  for (const [choice, text] of choices) {
    const label = document.createElement('label');
    const input = document.createElement('input');
    Object.assign(input, { type: 'radio', name: 'point-colour', checked: choice === 'score' });
    input.addEventListener('change', () => paint(choice));
    label.append(input, ` ${text}`);
    group.append(label);
  }
  return group;
}

function help(): HTMLElement {
  const line = document.createElement('p');
  line.className = 'fine';
  line.textContent =
    'Drag to turn, wheel to zoom, right button to move; keys: arrows turn, + and − zoom, 0 resets.';
  return line;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
