/** A lock file that its tool writes again out of the manifest beside it; lines of two of them cannot be joined. */
export interface LockRule {
  /** Runs in the folder of the lock file, and runs no code of packages where the tool can do without. */
  readonly command: string
  /** Name of the manifest beside it. */
  readonly manifest: string
}

const YARN = `case $(yarn --version) in 1.*) yarn install --ignore-scripts --non-interactive ;; *) yarn install --mode=update-lockfile ;; esac`
const NPM = 'npm install --package-lock-only --ignore-scripts --no-audit --no-fund'
/** \`composer update --lock\` adds nothing. Before 2.7 only packages that are named change, and at least one must be. */
const COMPOSER = `composer update --minimal-changes --no-install --no-scripts 2>/dev/null || composer update -w --no-install --no-scripts none/none $(composer validate 2>&1 | sed -n 's/.*package "\\([^"]*\\)" is not present.*/\\1/p')`

const RULES: Readonly<Record<string, LockRule>> = {
  'package-lock.json': { command: NPM, manifest: 'package.json' },
  'npm-shrinkwrap.json': { command: NPM, manifest: 'package.json' },
  'pnpm-lock.yaml': { command: 'pnpm install --lockfile-only --ignore-scripts', manifest: 'package.json' },
  'yarn.lock': { command: YARN, manifest: 'package.json' },
  '.pnp.cjs': { command: 'yarn install --mode=skip-build', manifest: 'package.json' },
  'bun.lock': { command: 'bun install --lockfile-only', manifest: 'package.json' },
  'bun.lockb': { command: 'bun install --lockfile-only', manifest: 'package.json' },
  'deno.lock': { command: 'deno install', manifest: 'deno.json' },
  'Cargo.lock': { command: 'cargo update --workspace', manifest: 'Cargo.toml' },
  'go.sum': { command: 'go mod tidy', manifest: 'go.mod' },
  'poetry.lock': {
    command: 'poetry lock --no-update 2>/dev/null || poetry lock',
    manifest: 'pyproject.toml',
  },
  'uv.lock': { command: 'uv lock', manifest: 'pyproject.toml' },
  'pdm.lock': { command: 'pdm lock --update-reuse', manifest: 'pyproject.toml' },
  'Pipfile.lock': { command: 'pipenv lock', manifest: 'Pipfile' },
  'composer.lock': { command: COMPOSER, manifest: 'composer.json' },
  'Gemfile.lock': { command: 'bundle lock', manifest: 'Gemfile' },
  'mix.lock': { command: 'mix deps.get', manifest: 'mix.exs' },
  'pubspec.lock': { command: 'dart pub get', manifest: 'pubspec.yaml' },
  'flake.lock': { command: 'nix flake lock', manifest: 'flake.nix' },
  'packages.lock.json': { command: 'dotnet restore --force-evaluate', manifest: '' },
}

/** @param path relative to the root of the repository. @returns undefined if it is no lock file. */
export function lockRule(path: string): LockRule | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return Object.hasOwn(RULES, name) ? RULES[name] : undefined
}
