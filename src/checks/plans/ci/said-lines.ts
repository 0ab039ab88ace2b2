import type { Evidence } from '../plan.ts'
import type { CiLine } from './ci-line.ts'
import { type KnownCommand, knownCommand } from './known-commands.ts'
import { relocate } from './relocate.ts'

/** A line with a known command, with its ecosystem and its role. */
export interface SaidLine extends CiLine, KnownCommand {}

/** The lines of CI and of texts, with those that have known commands. */
export interface SaidOutside {
  /** All plain lines of CI, in order. */
  readonly all: readonly CiLine[]
  /** Lines of CI with known commands. */
  readonly ci: readonly SaidLine[]
  /** Lines with known commands in code blocks of texts for people and agents. */
  readonly documents: readonly SaidLine[]
}

/** The lines with known commands. An option such as `-C` that names a folder moves its line there. */
export function saidLines(lines: readonly CiLine[]): readonly SaidLine[] {
  return lines.flatMap(inParts).flatMap((line) => {
    const moved = relocate(line)
    const known = moved === undefined ? undefined : knownCommand(moved.words)
    return moved === undefined || known === undefined ? [] : [{ ...moved, ...known }]
  })
}

/** Splits `npx run-s build test` into `npm run build` and `npm run test`; other lines stay as they are. */
function inParts(line: CiLine): readonly CiLine[] {
  const [program, ...names] = line.words[0] === 'npx' ? line.words.slice(1) : line.words
  const isList =
    /^(?:run-[sp]|npm-run-all2?)$/.test(program ?? '') && names.every((name) => /^\w[\w:.-]*$/.test(name))
  return isList
    ? names.map((name) => ({ ...line, words: ['npm', 'run', name], command: `npm run ${name}` }))
    : [line]
}

/** The place of a line, for people. */
export function evidenceOf({ file, jobName: job, line, command: says }: CiLine): Evidence {
  return { file, job, line, says }
}

/** The command after the line's variables, each once: `A=1 make test`. */
export function commandWithEnv({ env }: Pick<CiLine, 'env'>, command: string): string {
  return [...new Set(env), command].join(' ')
}
