import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'

/** The code of the release before this version: one file, which `main.ts` writes. */
export const RELEASES = join(import.meta.dirname, '../fixtures/releases')

/** Text by path. */
export type ReleaseFiles = Readonly<Record<string, string>>

/** Its files, and the names of its migrations in order. */
export function readPreviousRelease() {
  const [name, ...others] = readdirSync(RELEASES)
  if (name === undefined || others.length > 0) throw new Error(`There must be one release in ${RELEASES}`)
  const packed = brotliDecompressSync(readFileSync(join(RELEASES, name)))
  const files = JSON.parse(packed.toString('utf8')) as ReleaseFiles
  const migrations = Object.keys(files).flatMap(
    (path) => /^src\/runs\/store\/migrations\/(.+)\.ts$/.exec(path)?.[1] ?? [],
  )
  return { files, migrations: migrations.sort() }
}

/** Unpacks it, beside the packages of this version. */
export function unpackPreviousRelease() {
  const { files, migrations } = readPreviousRelease()
  const directory = mkdtempSync(join(tmpdir(), 'backspace-release-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(directory, dirname(path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(directory, 'node_modules'))
  return {
    start: join(directory, 'src/start.js'),
    migrations,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
