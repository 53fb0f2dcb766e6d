/**
 * Whether a whole path fits a pattern in which `*` stands for any characters, `/` among them, and everything else for
 * itself. Takes time in proportion to both lengths, whatever the pattern.
 */
export function matchesPattern(path: string, pattern: string): boolean {
  let at = 0;
  let next = 0;
  /** Where to go on when what follows the last star does not fit: the star takes one character more. */
  let afterStar = -1;
  let starEnd = 0;
  while (at < path.length) {
    if (pattern[next] === '*') {
      afterStar = ++next;
      starEnd = at;
    } else if (next < pattern.length && pattern[next] === path[at]) {
      next++;
      at++;
    } else if (afterStar >= 0) {
      next = afterStar;
      at = ++starEnd;
    } else {
      return false;
    }
  }
  while (pattern[next] === '*') next++;
  return next === pattern.length;
}
