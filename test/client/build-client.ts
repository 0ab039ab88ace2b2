import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/**
 * Writes the client as JavaScript and its types, for plain Node and for bundlers: what Node strips of types here, it does
 * not strip below `node_modules`.
 */
export function buildClient(directory: string): void {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.client.json'), '--outDir', directory], {
    stdio: 'inherit',
  })
  // The compiler rewrites the names of files in JavaScript only.
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.d.ts'))) {
    const file = join(directory, name)
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/(from '\.[^']*)\.ts'/g, "$1.js'"))
  }
}
