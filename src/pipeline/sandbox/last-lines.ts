const MOST_LINES = 400
const MOST_CHARS = 1000

/** The last lines of an output, each cut to a length that patterns can read in little time. */
export function lastLines(output: string): readonly string[] {
  return output
    .slice(-MOST_LINES * MOST_CHARS)
    .split('\n')
    .slice(-MOST_LINES)
    .map((line) => line.slice(0, MOST_CHARS))
}
