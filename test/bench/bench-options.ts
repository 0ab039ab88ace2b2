import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Benches to run; empty: all. */
  readonly names: readonly string[]
  /** Shorter and smaller: to see that it works, not for figures. */
  readonly quick: boolean
  /** Parts whose name contains one of these; empty: all. */
  readonly only: readonly string[]
  /** Where the figures are written as JSON. */
  readonly json: string | undefined
  /** Folder of bare clones of public repositories. */
  readonly mirrors: string
  /** Installs and checks the chosen ones in local sandboxes, too, which takes minutes each. */
  readonly install: boolean
  /** Keeps the plans that were found, for those who have no clones. */
  readonly record: boolean
  /** Prints more of what was seen. */
  readonly verbose: boolean
  /** Of each repository. */
  readonly commits: number
  /** That a call of a function may take. */
  readonly seconds: number
}

export const USAGE = `Usage:
  npm run bench                                       every bench
  npm run bench -- agent                              one: next to other coding agents (downloads them once)
  npm run bench -- service --only webhooks,start      parts of one
  npm run bench -- hostile                            attacks, and how long each stops the event loop
  npm run bench -- sandbox                            a run behind a slow line, and in large repositories
  npm run bench -- proof                              what verification adds to a run
  npm run bench -- pages                              the page of a long run, with 200 readers
  npm run bench -- repositories                       what was detected in public repositories, judged again
  npm run bench -- repositories --mirrors <folder>    …, detected anew in bare clones; --record keeps it
  npm run bench -- repositories --install --only a/b  …, installed and checked in a local sandbox
  npm run bench -- scale                              more workers, and ten million events, on one PostgreSQL
  npm run bench -- drafts --mirrors <folder>          which merged commits of real projects would be drafts
  npm run bench -- gold --mirrors <folder>            real fixes, made again: ready, with the tree that people merged?
  npm run bench -- functions --seconds 300            a run in pieces, as long as 5.6 calls of a function (28 minutes)
  npm run bench -- --quick --json figures.json        short; and write the figures`

/** Where `--mirrors` names no folder. */
export function noMirrors(mirrors: string): string {
  return `there is no folder ${mirrors}: name one by --mirrors, with clones made by git clone --bare https://github.com/<owner>/<name> <folder>/<owner>+<name>`
}

/** @throws {Error} that says what to write instead. */
export function readBenchOptions(args: readonly string[], known: readonly string[]): BenchOptions | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
      mirrors: { type: 'string', default: 'mirrors' },
      install: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      commits: { type: 'string', default: '150' },
      seconds: { type: 'string', default: '30' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  for (const name of positionals) {
    if (!known.includes(name)) throw new Error(`There is no bench "${name}", only: ${known.join(', ')}.`)
  }
  const only = values.only.split(',').filter((part) => part !== '')
  const { quick, json, mirrors, install, record, verbose } = values
  const commits = Number(values.commits)
  if (!Number.isSafeInteger(commits) || commits < 1) throw new Error('--commits takes a number.')
  const seconds = Number(values.seconds)
  if (!(seconds >= 10 && seconds <= 800)) throw new Error('--seconds takes a number from 10 to 800.')
  return { names: positionals, quick, only, json, mirrors, commits, seconds, install, record, verbose }
}
