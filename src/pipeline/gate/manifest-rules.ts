import {
  factsOfLines,
  readBuildSources,
  readComposerLock,
  readGemfile,
  readGoMod,
  readPlaces,
  readPom,
  readRequirements,
  readSetupPy,
  readWhole,
} from './line-facts.ts'
import { jsonFacts, readHosts, readLockSources, tomlFacts, yamlFacts } from './manifest-facts.ts'
import { type ManifestKind, type ManifestRule, NEW_SOURCE } from './manifest-rule.ts'
import { readLockLines, readNpmLock, readPackageJson } from './node-facts.ts'
import {
  allowsUsualScript,
  DEPENDENCY,
  isOneFolder,
  LOCK_RULES,
  NOT_A_RANGE,
  PACKAGE_JSON_RULES,
} from './node-rules.ts'
import { isUsualComposerPlugin } from './well-known-scripts.ts'

const CODE: ManifestRule = { key: /^(?:code|line)$/, what: 'runs at install or build' }
const PYTHON_SOURCE = /:\/\/|^git@/

/** Kinds of manifests, which ordinary changes touch every day, with what steers in them. The first matching kind is used. */
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
      { key: /^(?:catalogs?|overrides)\//, value: NOT_A_RANGE, what: DEPENDENCY },
      { key: /^packages\/-$/, what: 'adds packages whose scripts run', isPlain: isOneFolder },
      {
        key: /^(?!(?:catalogs?|overrides)(?:\/|$)|packages\/|minimumReleaseAge|patchedDependencies\/|peerDependencyRules\/)./,
        what: 'steers installs',
        isPlain: allowsUsualScript,
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
        // The same command may be written as a list with one item. The version of a package is written into a module of its own.
        isPlain: ({ key, value }, { values }) =>
          values.has(value) ||
          (/\/hooks\/vcs\/version-file$/.test(key) && /^(?!.*\.\.)\w[\w./-]{0,200}\.py$/.test(value)),
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
    // A newer release of the same hooks is harmless, but a commit may come from a fork.
    names: /^\.pre-commit-config\.ya?ml$/,
    read: yamlFacts,
    rules: [
      { key: /^repos\/-\/rev$/, value: /^(?!v?\d+(?:\.\w+)+$)/, what: 'runs in git hooks' },
      // Skips settings that only set commit messages and how often a bot looks for updates.
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
        key: /^config\/allow-plugins/,
        what: 'steers installs',
        isPlain: ({ key, value }) =>
          /^config\/allow-plugins\/[^/]+$/.test(key) &&
          (value === 'false' ||
            (value === 'true' && isUsualComposerPlugin(key.split('/').at(-1)?.replace('~1', '/') ?? ''))),
      },
      {
        key: /^config\/(?:secure-http|disable-tls|preferred-install|repositories|vendor-dir|bin-dir)/,
        what: 'steers installs',
        isPlain: ({ key, value }) => key === 'config/preferred-install' && value === 'dist',
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
    read: readBuildSources,
    rules: [NEW_SOURCE],
  },
  {
    names: /^gradle\.properties$/,
    read: factsOfLines(/-javaagent|-agentpath|-agentlib|java\.home|proxyHost|distributionUrl|init\.?script/i),
    rules: [CODE],
  },
  // Code that linters and test runners load before they read any file.
  {
    names: /^\.?pylintrc$|^(?:pytest|mypy|tox)\.ini$|^\.flake8$/,
    read: factsOfLines(
      /^\s*(?:init-hook|load-plugins|plugins|paths|registered)\s*=|^\s*\[flake8:local-plugins|^(?=\s*(?:addopts\s*=|-)).*(?:[\s="']|^)(?:-[pco]|--(?:rootdir|confcutdir|import-mode|pyargs|override-ini|config-file)|@)/,
    ),
    rules: [CODE],
  },
  {
    names: /^\.rubocop\.yml$/,
    read: factsOfLines(
      /^\s*(?:(?:require|plugins)\s*:\s*\S|inherit_from(?!\s*:\s*["']?\.rubocop_todo\.yml["']?\s*$)|inherit_gem|- ['"]?[./~])/,
    ),
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
      /^(?:bun\.lockb?|deno\.lock|uv\.lock|poetry\.lock|pdm\.lock|pylock\.toml|pipfile\.lock|cargo\.lock|gemfile\.lock|gems\.locked|mix\.lock|podfile\.lock|pubspec\.lock|pixi\.lock)$/,
    read: readLockSources,
    rules: [NEW_SOURCE],
    isLock: true,
  },
  {
    names:
      /^(?:deno\.jsonc?|import_?map\.json|pixi\.toml|environment\.ya?ml|conanfile\.txt|stack\.yaml|cabal\.project|build\.zig\.zon)$/,
    read: readBuildSources,
    rules: [NEW_SOURCE],
  },
]
