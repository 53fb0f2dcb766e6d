/** Shows what is going on: one line that is rewritten on a terminal, a few plain lines anywhere else. */
export interface Progress {
  /** The current step; on a terminal it replaces the one before. */
  step(text: string): void;
  /** A line that stays. */
  line(text: string): void;
}

/** @param stream - Standard error by default, so that standard output holds the results only. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let current = '';
  const erase = () => {
    if (current) stream.write('\r\u001b[K');
  };
  return {
    step(text) {
      if (!stream.isTTY) return; // a log file wants the lines that stay, not every step
      erase();
      current = text.slice(0, stream.columns - 1);
      stream.write(current);
    },
    line(text) {
      erase();
      current = '';
      stream.write(`${text}\n`);
    },
  };
}
