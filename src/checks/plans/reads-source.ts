import { z } from 'zod'
import type { Project } from '../project.ts'
import { isOthers } from './own-folders.ts'
import { readToml, stringsIn, valueAt } from './read-manifest.ts'

/** Commands that only install what manifests and lock files name. */
const INSTALLS = [
  /^npm (?:ci|install)(?: --[\w-]+)*$/,
  /^(?:npx --yes (?:-p )?[\w@/.-]+ )?(?:pnpm |yarn |bun )?install(?: --[\w-]+)*$/,
  /^go mod download$/,
  /^cargo fetch$/,
  /^bundle install$/,
  /^composer install(?: --[\w-]+)*$/,
  /^dotnet restore$/,
  /^deno install$/,
  /^mix deps\.get$/,
  /^(?:dart|flutter) pub get$/,
  /^uv sync(?: --[\w-]+(?: \w[\w.-]*)?)*$/,
  /^poetry install(?: --[\w-]+(?: \w[\w.-]*)?)*$/,
  /^pdm install(?: --[\w-]+| -G \w[\w.-]*)*$/,
  /^pipenv (?:sync|install) --dev(?: --skip-lock)?$/,
  /^(?:uv venv --quiet|python3 -m venv)(?: [\w./-]+){1,2}$/,
  /^cp (?:\.\.\/)*\.venv\/tools\/bin\/(?:poetry|pdm|pipenv) (?:\.\.\/)*\.venv\/bin\/$/,
  /^(?:shards install|gleam deps download|cabal update)$/,
  /^uv pip install --quiet --python [\w./-]+( .*)?$/,
  /^[\w./-]*\.venv\/(?:tools\/)?bin\/python3 -m pip install --quiet( .*)?$/,
]
/** Scripts that npm and its like run in the repository's own packages when they install. */
const LIFECYCLE = [
  'preinstall',
  'install',
  'postinstall',
  'prepublish',
  'preprepare',
  'prepare',
  'postprepare',
]
const COMPOSER = ['pre-install-cmd', 'post-install-cmd', 'pre-autoload-dump', 'post-autoload-dump']
/** Build backends that install a package for editing without building anything. */
const PLAIN_BACKENDS =
  /^(?:hatchling\.build|flit_core\.buildapi|poetry\.core\.masonry\.api|pdm\.backend|uv_build|setuptools\.build_meta(?::__legacy__)?)$/
const BUILDS = /\b(?:ext_modules|cythonize|cffi_modules|build_ext|rust_extensions|RustExtension|cmdclass)\b/
/** A requirement that is a folder of the repository, whose files an install copies. */
const COPIED = /^\s*(?:\.{1,2}(?:[/[\s;]|$)|file:)/m

/** The most manifests to read. Most come with the list of files, but each of the others is a request. */
const MOST_READ = 300

const scripted = z.object({ scripts: z.record(z.string(), z.unknown()).optional().catch(undefined) })

/**
 * Whether setup may build, generate or copy something from the repository's own source, so that its result fits only this
 * commit. False only if all of its commands are known to install nothing but dependencies.
 */
export async function setupReadsSource(project: Project, commands: readonly string[]): Promise<boolean> {
  const bare = commands.map((command) => command.replace(/^cd [\w./-]+ && /, ''))
  if (!bare.every((command) => INSTALLS.some((known) => known.test(command)))) return true
  const files = [...project.files].filter((file) => !isOthers(file))
  if (files.some((file) => isNamed(file, 'binding.gyp'))) return true
  if (files.filter(isRead).length > MOST_READ) return true
  const found = await Promise.all(files.map((file) => fileReadsSource(project, file)))
  return found.includes(true)
}

function isRead(file: string): boolean {
  return /(?:^|\/)(?:package\.json|composer\.json|setup\.py|pyproject\.toml|[^/]*requirements[^/]*\.txt)$/.test(
    file,
  )
}

async function fileReadsSource(project: Project, file: string): Promise<boolean> {
  if (isNamed(file, 'package.json')) return hasScript(await project.read(file), LIFECYCLE)
  if (isNamed(file, 'composer.json')) return hasScript(await project.read(file), COMPOSER)
  if (isNamed(file, 'setup.py')) return BUILDS.test((await project.read(file)) ?? '')
  if (isNamed(file, 'pyproject.toml')) {
    const text = (await project.read(file)) ?? ''
    const system = valueAt(readToml(text), ['build-system'])
    const [backend = ''] = stringsIn(system, ['build-backend'])
    // A manifest that cannot be parsed counts as reading source.
    const isUnread = text.trim() !== '' && Object.keys(readToml(text)).length === 0
    return isUnread || (system !== undefined && !PLAIN_BACKENDS.test(backend)) || BUILDS.test(text)
  }
  if (/requirements[^/]*\.txt$/.test(file) || /(?:^|\/)requirements\/[^/]+\.txt$/.test(file)) {
    return COPIED.test((await project.read(file)) ?? '')
  }
  return false
}

function isNamed(path: string, name: string): boolean {
  return path === name || path.endsWith(`/${name}`)
}

/** Whether a manifest has one of these scripts; true as well if it cannot be parsed. */
function hasScript(text: string | undefined, names: readonly string[]): boolean {
  try {
    const scripts = scripted.parse(JSON.parse(text ?? '')).scripts ?? {}
    return names.some((name) => Object.hasOwn(scripts, name))
  } catch {
    return true
  }
}
