import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { WORK_PATH } from '../../src/functions/call-for-work.ts'

export interface OutputOptions {
  /** The repository, with its dependencies installed. */
  readonly root: string
  /** `.vercel/output`; what is there is removed. */
  readonly to: string
  /** That a call of the function may take. */
  readonly seconds: number
  /** When the host calls for a worker, as cron has it; undefined: never. */
  readonly cron: string | undefined
  /** Puts a file into its place; default: copies it. */
  readonly place?: (from: string, to: string) => void
}

export interface Output {
  readonly files: number
  readonly bytes: number
}

/** That a function may have, without compression. See https://vercel.com/docs/functions/limitations */
const MOST_BYTES = 250 * 1024 ** 2

/**
 * What a function never loads: Node, which the host has, and the embedded database, which needs files that stay. Names are
 * those of the lock file.
 */
const LEFT_OUT = /^node_modules\/(?:node-(?:bin-)?[a-z0-9-]+|@electric-sql\/pglite)$/
/** Types, sources of what is compiled beside them, and what people read; licences stay. */
const NOT_RUN = /\.(?:[cm]?tsx?|map|flow|md|markdown)$/

/**
 * Writes the service as one function, in the form that Vercel deploys.
 * See https://vercel.com/docs/build-output-api
 *
 * @throws {Error} when it is larger than a function may be.
 */
export function writeOutput({ root, to, seconds, cron, place = copyFileSync }: OutputOptions): Output {
  const target = join(to, 'functions/index.func')
  rmSync(to, { recursive: true, force: true })
  const copies = [
    copyTree({ from: join(root, 'src'), to: join(target, 'src'), isWanted: () => true, place }),
    ...productionPackages(root).map((path) =>
      copyTree({
        from: join(root, path),
        to: join(target, path),
        // Packages below have their own line in the lock file.
        isWanted: (name) => name !== 'node_modules' && !NOT_RUN.test(name),
        place,
      }),
    ),
  ]
  copyFileSync(join(root, 'package.json'), join(target, 'package.json'))
  writeFileSync(join(target, 'index.mjs'), entryOf(seconds))
  writeJson(join(target, '.vc-config.json'), {
    runtime: 'nodejs24.x',
    handler: 'index.mjs',
    launcherType: 'Nodejs',
    shouldAddHelpers: false,
    supportsResponseStreaming: true,
    maxDuration: seconds,
  })
  writeJson(join(to, 'config.json'), {
    version: 3,
    routes: [{ handle: 'filesystem' }, { src: '/(.*)', dest: '/' }],
    ...(cron === undefined ? {} : { crons: [{ path: WORK_PATH, schedule: cron }] }),
  })
  const files = copies.reduce((sum, copy) => sum + copy.files, 0)
  const bytes = copies.reduce((sum, copy) => sum + copy.bytes, 0)
  if (bytes > MOST_BYTES)
    throw new Error(
      `The function has ${bytes} bytes; a function may have ${MOST_BYTES}. Leave something out.`,
    )
  return { files, bytes }
}

/** Node strips the types of what is outside of node_modules, so the sources are the program. */
export function entryOf(seconds: number): string {
  return `import { createFunction } from './src/functions/create-function.ts'

export default createFunction({ maxSeconds: ${seconds} })
`
}

/** Paths of the installed packages that the service needs, as the lock file has them. */
function productionPackages(root: string): string[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>
  }
  return Object.entries(lock.packages)
    .filter(([path, { dev = false, devOptional = false }]) => path !== '' && !dev && !devOptional)
    .map(([path]) => path)
    .filter((path) => !LEFT_OUT.test(path) && existsSync(join(root, path)))
}

function copyTree({
  from,
  to,
  isWanted,
  place,
}: {
  readonly from: string
  readonly to: string
  readonly isWanted: (name: string) => boolean
  readonly place: (from: string, to: string) => void
}): Output {
  let files = 0
  let bytes = 0
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (!isWanted(entry.name)) continue
    const [source, copy] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) {
      const inside = copyTree({ from: source, to: copy, isWanted, place })
      files += inside.files
      bytes += inside.bytes
    } else {
      place(source, copy)
      files += 1
      bytes += statSync(source).size
    }
  }
  return { files, bytes }
}

function writeJson(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
}
