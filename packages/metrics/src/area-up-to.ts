/** Trapezoid area under points of increasing x, up to a limit, where y is interpolated linearly. */
export class AreaUpTo {
  value = 0;
  /** Whether points may still add area. */
  isOpen = true;
  private x = 0;
  private y = 0;

  constructor(private readonly limit: number) {}

  add(x: number, y: number): void {
    if (!this.isOpen) return;
    if (x <= this.limit) {
      this.value += ((x - this.x) * (y + this.y)) / 2;
      this.x = x;
      this.y = y;
      return;
    }
    const width = this.limit - this.x;
    const atLimit = this.y + ((y - this.y) * width) / (x - this.x);
    this.value += (width * (this.y + atLimit)) / 2;
    this.isOpen = false;
  }
}
