// Writes a bill of materials (CycloneDX) of everything that runs in production, from the lock file alone.
// Usage: node .ci/sbom.js [file]
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = join(import.meta.dirname, '..')
const file = resolve(process.argv[2] ?? join(root, 'sbom.json'))
const options = ['--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only']
const bom = JSON.parse(
  execFileSync('npm', ['sbom', ...options], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }),
)

// `--omit=dev` of npm 11 also leaves out packages that run in production if a development tool uses them too (zod, yaml).
const production = new Set([bom.metadata.component['bom-ref']])
for (const [path, { name, version, dev }] of Object.entries(readJson('package-lock.json').packages)) {
  // Only an alias has a name of its own.
  if (path !== '' && !dev) production.add(`${name ?? path.replace(/^.*node_modules\//, '')}@${version}`)
}
bom.components = bom.components.filter((component) => production.has(component['bom-ref']))
bom.dependencies = bom.dependencies
  .filter(({ ref }) => production.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => production.has(each)) }))
// npm takes the name of the directory.
bom.metadata.component.name = readJson('package.json').name
writeFileSync(file, `${JSON.stringify(bom, null, 2)}\n`)

function readJson(name) {
  return JSON.parse(readFileSync(join(root, name), 'utf8'))
}
