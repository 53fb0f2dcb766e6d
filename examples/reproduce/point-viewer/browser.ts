import type { EmbeddedCloud } from './embedded-cloud.js';
import { createPointView, type PointView } from './point-view.js';

// Runs in the report: buttons of class `show-points` open and close the view of their cloud. Nothing is computed, and no
// WebGL context is made, before the first of them is pressed; one context serves all.

const clouds = JSON.parse(document.getElementById('clouds')?.textContent ?? '[]') as EmbeddedCloud[];
let view: PointView | undefined;
let openButton: HTMLButtonElement | undefined;

document.querySelectorAll<HTMLButtonElement>('button.show-points').forEach((button) => {
  button.addEventListener('click', () => {
    const wasOpen = openButton === button;
    close();
    if (!wasOpen) open(button);
  });
});

function open(button: HTMLButtonElement): void {
  const panel = document.createElement('div');
  panel.className = 'points';
  button.after(panel);
  button.setAttribute('aria-expanded', 'true');
  openButton = button;
  try {
    view ??= createPointView();
  } catch {
    panel.textContent = 'This browser shows no WebGL, which the view of points needs.';
    return;
  }
  view.show(clouds[Number(button.dataset.cloud)], panel);
}

function close(): void {
  if (!openButton) return;
  view?.hide();
  openButton.setAttribute('aria-expanded', 'false');
  openButton.parentElement?.querySelector('.points')?.remove();
  openButton = undefined;
}
