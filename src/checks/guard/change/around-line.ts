import { type GuardedLine, indentOf } from './guarded-change.ts'

/** The lines of a hunk as they are after the change: those that it adds or keeps. */
export function linesNow(lines: readonly GuardedLine[]): readonly GuardedLine[] {
  return lines.filter(({ sign }) => sign !== '-')
}

/** The head of the block that a line is in: the nearest of the `most` lines above it that is indented less. */
export function headAbove(lines: readonly GuardedLine[], at: number, most: number): GuardedLine | undefined {
  const indent = indentOf(lines[at]?.text ?? '')
  return lines
    .slice(Math.max(0, at - most), at)
    .findLast(({ text }) => text.trim() !== '' && indentOf(text) < indent)
}

/** The block that a line opens: of the `most` lines below it, those up to the first one that is not indented more. */
export function blockBelow(lines: readonly GuardedLine[], at: number, most: number): readonly GuardedLine[] {
  const indent = indentOf(lines[at]?.text ?? '')
  return upTo(lines.slice(at + 1, at + 1 + most), (one) => indentOf(one) <= indent)
}

/** The rest of the block that a line is in: of the `most` lines below it, those up to the first one that is indented less. */
export function restOfBlock(lines: readonly GuardedLine[], at: number, most: number): readonly GuardedLine[] {
  const indent = indentOf(lines[at]?.text ?? '')
  return upTo(lines.slice(at + 1, at + 1 + most), (one) => indentOf(one) < indent)
}

function upTo(lines: readonly GuardedLine[], ends: (text: string) => boolean): readonly GuardedLine[] {
  const end = lines.findIndex(({ text }) => text.trim() !== '' && ends(text))
  return end === -1 ? lines : lines.slice(0, end)
}
