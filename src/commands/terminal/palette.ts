import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]
/** Colours text; returns it as it is where the output is no terminal. */
export type Paint = (style: Style, text: string) => string

/** Follows NO_COLOR, FORCE_COLOR and whether the stream is a terminal. */
export function createPaint(stream: NodeJS.WritableStream): Paint {
  return (style, text) => styleText(style, text, { stream, validateStream: true })
}

/** `+` green, `-` red, headers bold: as git shows it. */
export function paintDiff(diff: string, paint: Paint): string {
  return diff
    .split('\n')
    .map((line) => paintDiffLine(line, paint))
    .join('\n')
}

function paintDiffLine(line: string, paint: Paint): string {
  if (/^(diff |index |--- |\+\+\+ |new file|deleted file|rename |similarity )/.test(line)) {
    return paint('bold', line)
  }
  if (line.startsWith('@@')) return paint('cyan', line)
  if (line.startsWith('+')) return paint('green', line)
  if (line.startsWith('-')) return paint('red', line)
  return line
}
