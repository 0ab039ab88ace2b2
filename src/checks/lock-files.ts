import { posix } from 'node:path'

/** Lock files, with the manifests in the same folder from which each is written; `*.csproj` is any name with this ending. */
const LOCKS: Readonly<Record<string, readonly string[]>> = {
  'package-lock.json': ['package.json'],
  'npm-shrinkwrap.json': ['package.json'],
  'pnpm-lock.yaml': ['package.json', 'pnpm-workspace.yaml'],
  'yarn.lock': ['package.json'],
  '.pnp.cjs': ['package.json'],
  'bun.lock': ['package.json'],
  'bun.lockb': ['package.json'],
  'deno.lock': ['deno.json', 'deno.jsonc', 'package.json'],
  'uv.lock': ['pyproject.toml'],
  'poetry.lock': ['pyproject.toml'],
  'pdm.lock': ['pyproject.toml'],
  'pixi.lock': ['pixi.toml', 'pyproject.toml'],
  'Pipfile.lock': ['Pipfile'],
  'Cargo.lock': ['Cargo.toml'],
  'go.sum': ['go.mod'],
  'go.work.sum': ['go.work'],
  'Gemfile.lock': ['Gemfile', '*.gemspec'],
  'gems.locked': ['gems.rb', '*.gemspec'],
  'composer.lock': ['composer.json'],
  'mix.lock': ['mix.exs'],
  'rebar.lock': ['rebar.config'],
  'pubspec.lock': ['pubspec.yaml'],
  'flake.lock': ['flake.nix'],
  'shard.lock': ['shard.yml'],
  'Package.resolved': ['Package.swift'],
  'Podfile.lock': ['Podfile'],
  'packages.lock.json': ['*.csproj', '*.fsproj', '*.vbproj'],
}
const MANIFESTS = new Set(Object.values(LOCKS).flat())
const OTHER_LOCK = /(?:\.lock|[-.]lock\.(?:json|ya?ml|hcl)|^gradle\.lockfile)$/

/** True for lock files of known package managers, except for `.pnp.cjs`, which is a program. */
export function isKnownLock(path: string): boolean {
  const name = posix.basename(path)
  return Object.hasOwn(LOCKS, name) && name !== '.pnp.cjs'
}

/** True for known lock files and for files that are named like one. No one reads such files line by line. */
export function isLockFile(path: string): boolean {
  return isKnownLock(path) || OTHER_LOCK.test(posix.basename(path))
}

/** True for files that a known package manager reads or writes, and that programs rarely read. */
export function isManifestOrLock(path: string): boolean {
  const name = posix.basename(path)
  return Object.hasOwn(LOCKS, name) || MANIFESTS.has(name)
}

/** Whether a lock file is written from this manifest. Both paths are relative to the root of the repository. */
export function isLockedBy(lock: string, manifest: string): boolean {
  return (
    posix.dirname(lock) === posix.dirname(manifest) &&
    manifestsOf(lock).some((wanted) => isNamed(posix.basename(manifest), wanted))
  )
}

/** Sentences on lock files that changed although no manifest did: usually an install rewrote them as a side effect. */
export function lockFileProblems(paths: readonly string[]): readonly string[] {
  const names = [...new Set(paths.map((path) => posix.basename(path)))]
  return paths.flatMap((path) => {
    const manifests = manifestsOf(path)
    const isAsked = manifests.some((wanted) => names.some((name) => isNamed(name, wanted)))
    if (manifests.length === 0 || isAsked) return []
    return [`\`${path}\` changed, but ${manifests.map((name) => `\`${name}\``).join(' and ')} did not`]
  })
}

function manifestsOf(lock: string): readonly string[] {
  const name = posix.basename(lock)
  return Object.hasOwn(LOCKS, name) ? (LOCKS[name] ?? []) : []
}

function isNamed(name: string, wanted: string): boolean {
  return wanted.startsWith('*') ? name.endsWith(wanted.slice(1)) : name === wanted
}
