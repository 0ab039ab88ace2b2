import {
  factsOfLines,
  readComposerLock,
  readGemfile,
  readGoMod,
  readPlaces,
  readPom,
  readRequirements,
  readSetupPy,
  readWhole,
} from './line-facts.ts'
import { jsonFacts, type ReadFacts, readHosts, readSources, tomlFacts, yamlFacts } from './manifest-facts.ts'
import { readLockLines, readNpmLock, readPackageJson } from './node-facts.ts'

/** A fact that steers when a change adds it. */
export interface ManifestRule {
  /** Of the whole key. */
  readonly key: RegExp
  readonly value?: RegExp | undefined
  /** The fact only steers when the base has this key with another value. */
  readonly onlyChanged?: boolean | undefined
  /** For a reviewer: `runs at install`; the last part of the key follows, or the value where the key says nothing. */
  readonly what: string
}

export interface ManifestKind {
  /** Of the file's name in lower case. */
  readonly names: RegExp
  readonly read: ReadFacts
  readonly rules: readonly ManifestRule[]
  /** Machines write it, and it is read line by line. */
  readonly isLock?: boolean | undefined
}

const NEW_SOURCE: ManifestRule = { key: /^(?:source|host)$/, what: 'installs from a new place' }
const LOCK_RULES: readonly ManifestRule[] = [
  NEW_SOURCE,
  { key: /^runsScripts\//, what: 'runs at install' },
  { key: /^otherName\//, what: 'installs another package under this name' },
  { key: /^checksum\//, onlyChanged: true, what: 'expects other bytes at the same address' },
]

/** Ranges come from the registry; everything with a protocol, an owner or an address does not. */
const NOT_A_RANGE =
  /:\/\/|^(?:git|github|gitlab|bitbucket|gist|https?|exec|ssh|npm|jsr):|^git@|^[\w.-]+\/[\w.-]+(?:#.*)?$|^(?:file|link|portal):(?:[/~]|.*\.t(?:ar\.)?gz$)/i
const DEPENDENCY = 'installs from outside the registry, or under another name'
const PACKAGE_JSON_RULES: readonly ManifestRule[] = [
  { key: /^lifecycle\/install\//, what: 'runs at install' },
  { key: /^lifecycle\/publish\//, what: 'runs at publishing' },
  { key: /^gypfile$/, value: /true/, what: 'runs at install' },
  { key: /^(?:dev|peer|optional)?dependencies\/[^/]+$/i, value: NOT_A_RANGE, what: DEPENDENCY },
  {
    key: /^(?:overrides|resolutions|pnpm\/overrides|workspaces\/catalogs?)\//,
    value: new RegExp(`${NOT_A_RANGE.source}|^(?:file|link|portal|patch):`, 'i'),
    what: DEPENDENCY,
  },
  {
    key: /^(?:allowScripts|trustedDependencies|lavamoat|dependenciesMeta\/[^/]+\/built|pnpm\/(?!overrides\/|patchedDependencies\/|peerDependencyRules\/|auditConfig\/|updateConfig\/))/,
    what: 'steers installs',
  },
  // A newer version of the same package manager is no news.
  {
    key: /^packageManager$/,
    value: /^(?!(?:npm|pnpm|yarn|bun)@\d[\w.+-]*$)/,
    what: 'changes the package manager',
  },
  { key: /^workspaces\/(?:-|packages\/-)$/, what: 'adds packages whose scripts run' },
  { key: /^publishConfig\/(?:registry|directory|[^/]*:registry)$/, what: 'publishes to another place' },
  {
    key: /^bin\/(?:node|npm|npx|yarn|pnpm|pnpx|bun|bunx|corepack|git|sh|bash|zsh|env|make|python3?|pip3?|ssh|curl|tar)$/,
    what: 'installs a command that hides a common one',
  },
  {
    key: /^(?:husky|simple-git-hooks|lint-staged|nano-staged|gitHooks|ghooks|pre-commit|pre-push|config\/ghooks)(?:\/|$)/,
    what: 'runs in git hooks',
  },
  { key: /^(?:release|release-it|renovate|auto|standard-version)(?:\/|$)/, what: 'steers bots and releases' },
]

const CODE: ManifestRule = { key: /^(?:code|line)$/, what: 'runs at install or build' }
const PYTHON_SOURCE = /:\/\/|^git@/

/** What steers in files that ordinary changes touch every day: the first kind that fits the name is used. */
export const MANIFESTS: readonly ManifestKind[] = [
  { names: /^package\.json$/, read: readPackageJson, rules: PACKAGE_JSON_RULES },
  {
    names: /^package\.(?:yaml|json5)$/,
    read: yamlFacts,
    rules: [{ key: /^scripts\/|dependencies\//i, what: 'steers installs' }],
  },
  { names: /^(?:package-lock|npm-shrinkwrap)\.json$/, read: readNpmLock, rules: LOCK_RULES, isLock: true },
  { names: /^(?:yarn\.lock|pnpm-lock\.yaml)$/, read: readLockLines, rules: LOCK_RULES, isLock: true },
  {
    names: /^pnpm-workspace\.yaml$/,
    read: yamlFacts,
    rules: [
      { key: /^catalogs?\//, value: NOT_A_RANGE, what: DEPENDENCY },
      { key: /^packages\/-$/, what: 'adds packages whose scripts run' },
      {
        key: /^(?!catalogs?(?:\/|$)|packages\/|minimumReleaseAge|patchedDependencies\/|peerDependencyRules\/)./,
        what: 'steers installs',
      },
    ],
  },
  {
    names: /^(?:pyproject\.toml|pipfile)$/,
    read: tomlFacts,
    rules: [
      {
        key: /^build-system\/build-backend$/,
        value:
          /^(?!(?:hatchling\.build|setuptools\.build_meta|poetry\.core\.masonry\.api|flit_core\.buildapi|pdm\.backend|uv_build|maturin|scikit_build_core\.build|mesonpy)$)/,
        what: 'runs at build',
      },
      { key: /^build-system\/backend-path/, what: 'runs at build' },
      {
        key: /^tool\/(?:hatch\/build\/(?:[^/]+\/)*hooks\/(?!.*\/(?:dependencies|require-runtime-)|[^/]+\/enable)|poetry\/build|pdm\/build|setuptools\/cmdclass|cibuildwheel\/.*before)/,
        what: 'runs at build',
      },
      {
        key: /^(?:tool\/(?:uv\/(?:index|extra-index|find-links|no-index|sources)|poetry\/source|pdm\/source|pixi)|source)/,
        value: PYTHON_SOURCE,
        what: 'installs from a new place',
      },
      {
        key: /^(?!project\/urls\/|tool\/poetry\/(?:urls|homepage|repository|documentation)|tool\/(?!poetry|uv|pdm|hatch|flit|setuptools|pixi|rye))/,
        value: /\s@\s?[^\s@]{1,20}:\/\/|^(?:git|hg|svn|bzr)\+|^git@/,
        what: 'installs from a new place',
      },
      {
        key: /dependencies\/.*\/(?:git|url|source)$|^(?:dev-)?packages\/[^/]+\/(?:git|file|index)$/,
        what: 'installs from a new place',
      },
    ],
  },
  {
    names: /^cargo\.toml$/,
    read: tomlFacts,
    rules: [
      { key: /^package\/build$|^lib\/proc-macro$/, what: 'runs at build' },
      { key: /^(?:patch|replace|source)\//, what: 'installs from a new place' },
      { key: /dependencies\/[^/]+\/(?:git|registry|registry-index)$/, what: 'installs from a new place' },
    ],
  },
  {
    // Newer releases of the same hooks are no news; a commit may be one of a fork.
    names: /^\.pre-commit-config\.ya?ml$/,
    read: yamlFacts,
    rules: [
      { key: /^repos\/-\/rev$/, value: /^(?!v?\d+(?:\.\w+)+$)/, what: 'runs in git hooks' },
      // Texts of commits, and how often a bot looks for newer ones.
      { key: /^(?!repos\/-\/rev$|ci\/auto|minimum_pre_commit_version$)/, what: 'runs in git hooks' },
    ],
  },
  { names: /^rust-toolchain(?:\.toml)?$/, read: factsOfLines(/^\s*path\s*=/), rules: [CODE] },
  {
    names: /^composer\.json$/,
    read: jsonFacts,
    rules: [
      { key: /^scripts\/(?:pre|post|init$|command$)/, what: 'runs at install' },
      { key: /^repositories\//, what: 'installs from a new place' },
      {
        key: /^config\/(?:allow-plugins|secure-http|disable-tls|preferred-install|repositories|vendor-dir|bin-dir)/,
        what: 'steers installs',
      },
    ],
  },
  {
    names: /^composer\.lock$/,
    read: readComposerLock,
    rules: [NEW_SOURCE],
  },
  {
    names: /^(?:requirements|constraints)[\w.-]*\.(?:txt|in)$/,
    read: readRequirements,
    rules: [
      NEW_SOURCE,
      {
        key: /^flag\/(?!-(?:r|c)$|--(?:hash|requirement|constraint|only-binary|require-hashes|prefer-binary|pre))/,
        what: 'steers installs',
      },
    ],
  },
  { names: /^setup\.py$/, read: readSetupPy, rules: [CODE, NEW_SOURCE] },
  {
    names: /^setup\.cfg$/,
    read: factsOfLines(
      /^\s*(?:setup_requires|cmdclass|dependency_links|index[_-]url|find[_-]links|allow_hosts)\b|:\/\/[^\s:]{0,500}\.(?:whl|zip|tar)|\s@\s?[^\s@]{1,20}:\/\//,
    ),
    rules: [CODE],
  },
  {
    names: /^(?:go\.mod|go\.work)$/,
    read: readGoMod,
    rules: [{ key: /^replace\//, value: /^(?!\.{1,2}\/)/, what: 'builds with another module' }],
  },
  { names: /^(?:gemfile|gems\.rb)$/, read: readGemfile, rules: [CODE, NEW_SOURCE] },
  {
    names: /\.gemspec$/,
    read: factsOfLines(/\.extensions\b|`|%x|\b(?:system|exec|eval|instance_eval|spawn|popen|load)\b/),
    rules: [CODE],
  },
  {
    names: /^(?:build\.rs|build\.zig|makefile\.pl|build\.pl|conanfile\.py)$/,
    read: readWhole,
    rules: [CODE],
  },
  {
    names: /^(?:build|settings)\.gradle(?:\.kts)?$|^build\.(?:sbt|sc)$|^plugins\.sbt$/,
    read: readSources,
    rules: [NEW_SOURCE],
  },
  {
    names: /^gradle\.properties$/,
    read: factsOfLines(/-javaagent|-agentpath|-agentlib|java\.home|proxyHost|distributionUrl|init\.?script/i),
    rules: [CODE],
  },
  // What linters and test runners load before they read any file.
  {
    names: /^\.?pylintrc$|^(?:pytest|mypy|tox)\.ini$|^\.flake8$/,
    read: factsOfLines(
      /^\s*(?:init-hook|load-plugins|plugins|addopts|paths|registered)\s*=|^\s*\[flake8:local-plugins/,
    ),
    rules: [CODE],
  },
  {
    names: /^\.rubocop\.yml$/,
    read: factsOfLines(/^\s*(?:require|plugins|inherit_from|inherit_gem|- \.{1,2}\/)/),
    rules: [CODE],
  },
  {
    names: /^tauri\.conf\.json$/,
    read: jsonFacts,
    rules: [{ key: /^build\/before|(?:^|\/)updater\//, what: 'runs at install or build' }],
  },
  { names: /^pom\.xml$/, read: readPom, rules: [NEW_SOURCE, CODE] },
  {
    names: /^(?:mix\.exs|podfile|pubspec\.yaml)$/,
    read: readPlaces,
    rules: [NEW_SOURCE],
  },
  { names: /^(?:package\.resolved|flake\.lock|cartfile\.resolved)$/, read: readHosts, rules: [NEW_SOURCE] },
  {
    names:
      /^(?:bun\.lockb?|deno\.(?:jsonc?|lock)|import_?map\.json|uv\.lock|poetry\.lock|pdm\.lock|pylock\.toml|pipfile\.lock|cargo\.lock|gemfile\.lock|gems\.locked|mix\.lock|podfile\.lock|pubspec\.lock|pixi\.(?:toml|lock)|environment\.ya?ml|conanfile\.txt|stack\.yaml|cabal\.project|build\.zig\.zon)$/,
    read: readSources,
    rules: [NEW_SOURCE],
  },
]
