import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

/** An entry of the lock file. */
interface Package {
  /** Only where it differs from the folder's. */
  readonly name?: string
  readonly version: string
  readonly integrity?: string
  readonly resolved?: string
  readonly license?: string
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
  readonly bin?: Readonly<Record<string, string>>
}

const GROUPS = ['dependencies', 'optionalDependencies', 'devDependencies'] as const
const manifest = readJson('package.json')
const lock = readJson('package-lock.json')
const packages = Object.entries<Package>(lock.packages).filter(([path]) => path !== '')
const nameOf = (path: string) => path.replace(/^.*node_modules\//, '')

test('package.json names one version of each package, and the lock file the same', () => {
  const named = GROUPS.flatMap((group) => Object.entries<string>(manifest[group]))
  expect(named.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
  for (const group of GROUPS) expect(lock.packages[''][group]).toEqual(manifest[group])
  for (const [name, version] of named)
    expect(lock.packages[`node_modules/${name}`]).toMatchObject({ version })
})

test('the lock file has a hash of every package, and no address but that of the public registry', () => {
  const loose = packages.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''))
  expect(loose).toEqual([])
  const elsewhere = packages.filter(
    ([, { resolved }]) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'),
  )
  expect(elsewhere).toEqual([])
})

/** Packages whose install script may run, each with a reason. There are none. */
const INSTALL_SCRIPTS: readonly string[] = []

test('no package runs a script when it is installed', () => {
  const found = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path))
  expect(found).toEqual(INSTALL_SCRIPTS)
  expect(readFileSync(join(ROOT, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m)
  expect(manifest.allowScripts).toBeUndefined()
})

test('Node itself is a package of the lock file, one for each platform', () => {
  const runtimes = packages.filter(([, { bin }]) => bin?.node !== undefined)
  expect(runtimes.map(([path]) => nameOf(path)).sort()).toEqual(
    Object.keys(manifest.optionalDependencies).sort(),
  )
  const own = runtimes.find(([path]) => nameOf(path).endsWith(`${process.platform}-${process.arch}`))
  const started = execFileSync(join(ROOT, 'bin/node'), ['-p', 'process.versions.node'])
  expect(own?.[1].version).toBe(started.toString().trim())
  const launcher = readFileSync(join(ROOT, 'bin/node'), 'utf8')
  for (const [path] of runtimes) expect(launcher).toContain(`package=${nameOf(path)} ;;`)
})

test('a missing .env is no message, and one that is there is read', () => {
  const directory = mkdtempSync(join(tmpdir(), 'launcher-'))
  const start = () => {
    const args = [
      '--env-file-if-exists=.env',
      '-p',
      '[process.env.MARK, ...process.argv.slice(1)]',
      'a b',
      '',
    ]
    const { stdout, stderr } = spawnSync(join(ROOT, 'bin/node'), args, { cwd: directory, encoding: 'utf8' })
    return [stdout.trim(), stderr]
  }
  try {
    expect(start()).toEqual(["[ undefined, 'a b', '' ]", ''])
    writeFileSync(join(directory, '.env'), 'MARK=read\n')
    expect(start()).toEqual(["[ 'read', 'a b', '' ]", ''])
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('no script starts another Node than that of the lock file', () => {
  const scripts = Object.entries<string>(manifest.scripts)
  expect(scripts.filter(([, script]) => /(^|&& )(node|vitest|knip) /.test(`${script} `))).toEqual([])
})

/** SPDX ids that fit the MIT licence of the product. */
const LICENCES = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Unlicense',
]
/** For tools that are not part of what runs. */
const LICENCES_OF_TOOLS = ['MPL-2.0']

/** Whether an SPDX expression without nested parentheses can be met with these licences. */
function isAllowed(expression: string, licences: readonly string[]): boolean {
  const bare = expression.replace(/^\((.*)\)$/, '$1')
  return bare.split(' OR ').some((choice) => choice.split(' AND ').every((id) => licences.includes(id)))
}

test('every package has a licence that we may use', () => {
  const others = packages.filter(
    ([, { license = 'none', dev }]) =>
      !isAllowed(license, dev ? [...LICENCES, ...LICENCES_OF_TOOLS] : LICENCES),
  )
  expect(others.map(([path, { license }]) => `${nameOf(path)}: ${license}`)).toEqual([])
  expect(isAllowed('(MIT AND GPL-3.0-only)', LICENCES)).toBe(false)
  expect(isAllowed('GPL-3.0-only OR MIT', LICENCES)).toBe(true)
})

test('npm run sbom names every package that runs in production, with version, licence and hash', () => {
  const directory = mkdtempSync(join(tmpdir(), 'backspace-sbom-'))
  const file = join(directory, 'sbom.json')
  execFileSync(process.execPath, [join(ROOT, '.ci/sbom.js'), file])
  const text = readFileSync(file, 'utf8')
  rmSync(directory, { recursive: true })
  const bom = JSON.parse(text)
  expect(bom).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: 'backspace' } } })
  const wanted = packages
    .filter(([, { dev }]) => !dev)
    .map(([path, { name = nameOf(path), version, integrity = '' }]) => ({
      name,
      version,
      hash: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex'),
    }))
  expect(wanted.length).toBeGreaterThan(100)
  expect(bom.components.length).toBe(new Set(wanted.map(({ name, version }) => `${name}@${version}`)).size)
  for (const { name, version, hash } of wanted) {
    const component = bom.components.find(
      (each: { 'bom-ref': string }) => each['bom-ref'] === `${name}@${version}`,
    )
    expect(component, name).toMatchObject({ version, hashes: [{ alg: 'SHA-512', content: hash }] })
    expect(component.licenses.length).toBeGreaterThan(0)
  }
  expect(text).not.toContain(ROOT)
  expect(text).not.toMatch(/file:|\/home\/|\/tmp\//)
})

function readJson(name: string) {
  return JSON.parse(readFileSync(join(ROOT, name), 'utf8'))
}
