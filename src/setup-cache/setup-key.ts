import { createHash } from 'node:crypto'
import type { TreeListing } from '../github/commits.ts'

interface SetupKeyParts {
  /** GitHub's id of the repository, since names may change. */
  readonly repositoryId: number
  readonly kind: string
  /** Identifies the image or template of a new sandbox. */
  readonly environment: string
  readonly egressHosts: readonly string[]
  readonly tree: TreeListing
}

/** Raise it when setup does something else with the same files. */
const VERSION = 1

/** Manifests and lock files of package managers, by name, in any folder. */
const MANIFESTS = new Set(
  `package.json package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml pnpm-workspace.yaml bun.lock bun.lockb
  .npmrc .yarnrc .yarnrc.yml .pnpmfile.cjs bunfig.toml lerna.json nx.json turbo.json
  pyproject.toml setup.py setup.cfg Pipfile Pipfile.lock poetry.lock uv.lock pdm.lock pylock.toml tox.ini environment.yml
  MANIFEST.in noxfile.py hatch.toml uv.toml poetry.toml
  Cargo.toml Cargo.lock go.mod go.sum go.work go.work.sum Gemfile Gemfile.lock gems.rb gems.locked
  composer.json composer.lock pom.xml build.gradle build.gradle.kts settings.gradle settings.gradle.kts
  gradle.properties gradle.lockfile libs.versions.toml build.sbt mix.exs mix.lock rebar.config rebar.lock
  deno.json deno.jsonc deno.lock pubspec.yaml pubspec.lock Package.swift Package.resolved
  packages.lock.json Directory.Packages.props Directory.Build.props nuget.config NuGet.Config global.json
  devcontainer.json .devcontainer.json backspace.yml backspace.yaml
  .nvmrc .node-version .tool-versions mise.toml .mise.toml rust-toolchain rust-toolchain.toml
  .python-version .ruby-version .java-version .go-version .sdkmanrc Makefile GNUmakefile justfile Justfile
  Brewfile apt.txt packages.txt flake.nix flake.lock shell.nix`.split(/\s+/),
)
/** Manifests and lock files by the form of their names, or by their folders. */
const FORMS = [
  /\.(?:gemspec|csproj|fsproj|vbproj|sln|slnx|cabal|podspec|gradle|gradle\.kts)$/,
  /(?:^|\/)(?:requirements|constraints)[^/]*\.(?:txt|in|lock)$/,
  /(?:^|\/)[^/]*requirements\.(?:txt|in)$/,
  /(?:^|\/)requirements\/[^/]+$/,
  /^\.(?:devcontainer|yarn|cargo|mvn|config\/mise)\//,
  /(?:^|\/)(?:patches|\.yarn\/patches|\.cargo|gradle\/wrapper|build-logic|buildSrc)\//,
]

/** Whether setup reads a file to decide what to install. */
export function isSetupFile(path: string): boolean {
  return MANIFESTS.has(path.slice(path.lastIndexOf('/') + 1)) || FORMS.some((form) => form.test(path))
}

/**
 * A hash that is equal for two commits if setup gives the same result for both. It covers the contents of every lock file
 * and manifest, and everything else that decides how these are installed.
 *
 * @returns 64 hexadecimal digits; undefined if not every file of the commit is known.
 */
export function setupKey({
  repositoryId,
  kind,
  environment,
  egressHosts,
  tree,
}: SetupKeyParts): string | undefined {
  if (tree.truncated) return undefined
  const files = tree.entries
    .filter(({ path }) => isSetupFile(path))
    .map(({ path, mode, sha }) => [path, mode, sha])
  const facts = [VERSION, repositoryId, kind, environment, [...egressHosts].sort(), files.sort(byPath)]
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex')
}

function byPath([a = '']: readonly string[], [b = '']: readonly string[]): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The name of a snapshot, which includes its time because not every sandbox service reports that. */
export function snapshotName(key: string, takenAt: Date): string {
  return `${key.slice(0, 12)}-${takenAt.getTime().toString(36)}`
}

/** The time in a name that `snapshotName` made; undefined for other names. */
export function takenAt(name: string): Date | undefined {
  const time = /^[0-9a-f]{12}-([0-9a-z]{8,9})$/.exec(name)?.[1]
  return time === undefined ? undefined : new Date(Number.parseInt(time, 36))
}
