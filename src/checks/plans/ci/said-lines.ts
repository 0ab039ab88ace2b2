import type { Evidence } from '../plan.ts'
import type { CiLine } from './ci-line.ts'
import { type KnownCommand, knownCommand } from './known-commands.ts'
import { relocate } from './relocate.ts'

/** A line whose command is known, with what it does. */
export interface SaidLine extends CiLine, KnownCommand {}

/** What a repository says outside of its manifests. */
export interface SaidOutside {
  /** All plain lines of CI, in order. */
  readonly all: readonly CiLine[]
  /** Those whose command is known. */
  readonly ci: readonly SaidLine[]
  /** Of code blocks in texts for people and agents. */
  readonly documents: readonly SaidLine[]
}

/** The lines with commands that are known, in the folders that their options name. */
export function saidLines(lines: readonly CiLine[]): readonly SaidLine[] {
  return lines.flatMap(inParts).flatMap((line) => {
    const moved = relocate(line)
    const known = moved === undefined ? undefined : knownCommand(moved.words)
    return moved === undefined || known === undefined ? [] : [{ ...moved, ...known }]
  })
}

/** `npx run-s build test` is `npm run build`, and then `npm run test`. */
function inParts(line: CiLine): readonly CiLine[] {
  const [program, ...names] = line.words[0] === 'npx' ? line.words.slice(1) : line.words
  const isList =
    /^(?:run-[sp]|npm-run-all2?)$/.test(program ?? '') && names.every((name) => /^\w[\w:.-]*$/.test(name))
  return isList
    ? names.map((name) => ({ ...line, words: ['npm', 'run', name], command: `npm run ${name}` }))
    : [line]
}

/** For people: where a line is written. */
export function evidenceOf({ file, jobName: job, line, command: says }: CiLine): Evidence {
  return { file, job, line, says }
}

/** With its variables. */
export function commandWithEnv({ env }: Pick<CiLine, 'env'>, command: string): string {
  return [...new Set(env), command].join(' ')
}
