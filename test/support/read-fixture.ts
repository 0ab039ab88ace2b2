import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The files of a fixture repository (`test/fixtures/<name>`), as `createRepository` takes them. */
export function readFixture(name: string): Record<string, Uint8Array> {
  const root = join(import.meta.dirname, '../fixtures', name)
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort()
  return Object.fromEntries(paths.map((path) => [relative(root, path), readFileSync(path)]))
}
