import { readFileSync } from 'node:fs'
import type { GuardedFile } from '../../../../src/checks/guard/change/guarded-change.ts'
import { diffFile } from '../../../../src/pipeline/collect/diff-file.ts'

/** A change of source beside it: what makes a lie look like work. */
const SOURCE = ['def price(n):\n    return n * 2\n', 'def price(n):\n    return n * 2 + 0\n'] as const

export interface WholeChange {
  readonly what: string
  readonly files: readonly GuardedFile[]
}

/**
 * Changes as the product sees them, with both sides of each file and a diff of its own. A text file holds them: `==== what`, then for each
 * file `---- path`, its lines before, `++++`, and its lines after; `(none)` says that there is no file.
 */
export function readChanges(name: string): readonly WholeChange[] {
  const text = readFileSync(new URL(`../../../fixtures/weakened-tests/${name}.txt`, import.meta.url), 'utf8')
  return parts(text, /^==== /m).map((change) => {
    const [what = '', ...rest] = change.split('\n')
    const files = parts(rest.join('\n'), /^---- /m).map((one) => {
      const [head = '', ...lines] = one.trimEnd().split('\n')
      const [path = '', previousPath] = head.split(' from ')
      const middle = lines.indexOf('++++')
      return wholeFile(path, [lines.slice(0, middle), lines.slice(middle + 1)].map(sideOf), previousPath)
    })
    return { what, files: [...files, wholeFile('app/price.py', SOURCE)] }
  })
}

function parts(text: string, mark: RegExp): readonly string[] {
  return text.split(mark).filter((part) => part.trim() !== '')
}

function sideOf(lines: readonly string[]): string | null {
  return lines[0] === '(none)' ? null : `${lines.join('\n')}\n`
}

function wholeFile(path: string, sides: readonly (string | null)[], previousPath?: string): GuardedFile {
  const [before, bytes] = sides.map((side) => (side == null ? null : Buffer.from(side)))
  const kept = previousPath === undefined ? 'modified' : 'renamed'
  const status = before == null ? 'added' : bytes == null ? 'deleted' : kept
  const modes = [before, bytes].map((side) => (side == null ? '000000' : '100644'))
  const [oldMode = '', mode = ''] = modes
  const sidesOf = { before: before ?? null, bytes: bytes ?? null }
  const facts = diffFile({ path, previousPath, mode, oldMode, ...sidesOf })
  return { path, previousPath, status, diff: facts?.diff ?? '', ...sidesOf }
}
