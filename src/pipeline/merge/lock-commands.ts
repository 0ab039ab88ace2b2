import { posix } from 'node:path'

const YARN = `case $(yarn --version) in 1.*) yarn install --ignore-scripts --non-interactive ;; *) yarn install --mode=update-lockfile ;; esac`
const NPM = 'npm install --package-lock-only --ignore-scripts --no-audit --no-fund'
/**
 * `composer update --lock` would add no package. Before Composer 2.7, only named packages change and at least one must be
 * named.
 */
const COMPOSER = `composer update --minimal-changes --no-install --no-scripts 2>/dev/null || composer update -w --no-install --no-scripts none/none $(composer validate 2>&1 | sed -n 's/.*package "\\([^"]*\\)" is not present.*/\\1/p')`

/** Commands by lock file. Each runs in the folder of the lock file and, if the tool allows it, runs no code of packages. */
const COMMANDS: Readonly<Record<string, string>> = {
  'package-lock.json': NPM,
  'npm-shrinkwrap.json': NPM,
  'pnpm-lock.yaml': 'pnpm install --lockfile-only --ignore-scripts',
  'yarn.lock': YARN,
  '.pnp.cjs': 'yarn install --mode=skip-build',
  'bun.lock': 'bun install --lockfile-only',
  'bun.lockb': 'bun install --lockfile-only',
  'deno.lock': 'deno install --lockfile-only --frozen=false 2>/dev/null || deno install --frozen=false',
  'Cargo.lock': 'cargo update --workspace',
  'go.sum': 'go mod tidy',
  'poetry.lock': 'poetry lock --no-update 2>/dev/null || poetry lock',
  'uv.lock': 'uv lock',
  'pdm.lock': 'pdm lock --update-reuse',
  'pixi.lock': 'pixi lock',
  'Pipfile.lock': 'pipenv lock',
  'composer.lock': COMPOSER,
  'Gemfile.lock': 'bundle lock',
  'gems.locked': 'bundle lock',
  'mix.lock': 'mix deps.get',
  'pubspec.lock': 'dart pub get',
  'shard.lock': 'shards lock',
  'Package.resolved': 'swift package resolve',
  'flake.lock': 'nix flake lock',
  'packages.lock.json': 'dotnet restore --force-evaluate',
}

/**
 * The command that regenerates a lock file from the manifest beside it. Lock files cannot be merged line by line.
 *
 * @param path relative to the root of the repository.
 * @returns undefined if it is no lock file.
 */
export function lockCommand(path: string): string | undefined {
  const name = posix.basename(path)
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
}
