import { CI_PARTS, VERSION } from './plain-ci.ts'
import {
  type ReadSettings,
  readAttributes,
  readBazelrc,
  readCargoConfig,
  readPreCommit,
  readProperties,
  readScheme,
  readScript,
  readTomlOnce,
  readTools,
  readWords,
  readYaml,
} from './settings-readers.ts'
import type { PlainPart } from './settings-shape.ts'
import { USUAL_HOOKS } from './well-known-scripts.ts'

interface PlainSettings {
  /** Matches the whole path in lower case. */
  readonly files: RegExp
  readonly read: ReadSettings
  readonly parts: readonly PlainPart[]
}

const VERSION_OR_NAME = /^(?:v?\d[\w.]{0,30}(?:-otp-\d{1,2})?|latest|lts|stable)$/
/** A page of the same site. */
const OWN_PAGE = /^\/(?!\/)[\w./:*()\-[\]#?=&]*$/
/** A file of the repository. */
const OWN_FILE = /^(?!.*\.\.)(?:\.|[\w-][\w./-]*)$/

/** The file patterns of formatting hooks; a file that such a hook skips hides no mistake. */
const OF_FORMATTER =
  /^repos\/[^/]+\/hooks\/(?:trailing-whitespace|end-of-file-fixer|mixed-line-ending|fix-byte-order-marker|check-yaml|check-json|check-toml|pretty-format-json|reorder-python-imports|pyupgrade|add-trailing-comma|prettier|isort|black|blacken-docs|ruff-format|mdformat|codespell|yamlfmt)\/(?:exclude|files|types(?:_or)?\/-|exclude_types\/-)$/
/** Flags for a language version, a layout or verbosity; none names a file, a module or a rule that finds mistakes. */
const LAYOUT_FLAG =
  /^(?:--py\d{1,4}-plus|--(?:max-)?line-length=\d{1,4}|--(?:python|target)-version=(?:py)?\d[\d.]{0,6}|--(?:extend-)?ignore=[EWD]\d{3}(?:,[EWD]\d{3}){0,20}|--(?:safe|quiet|fix|exit-non-zero-on-fix|show-fixes|show-error-codes|cache-fine-grained|pretty|strict|write|check|diff|number|wrap=\d{1,4}|preserve-quotes|keep-runtime-typing))$/
/** A package from the registry, written as in a manifest. */
const FROM_REGISTRY =
  /^(?!.*(?:\/\/|:))(?:@[\w-]+\/)?[\w.-]+(?:\[[\w,-]+\])?(?:@[\w.^~-]+|\s?[=<>~!]=?[\s\w.,*+<>=!~]*)?$/

export const PLAIN_SETTINGS: readonly PlainSettings[] = [
  {
    files:
      /(?:^|\/)(?:action\.ya?ml|\.circleci\/config\.yml|azure-pipelines[\w-]*\.ya?ml|\.travis\.ya?ml|\.?appveyor\.ya?ml|\.cirrus\.ya?ml|\.gitlab-ci\.ya?ml|bitbucket-pipelines\.ya?ml|\.drone\.ya?ml|\.woodpecker\.ya?ml|\.bazelci\/[\w-]+\.ya?ml)$/,
    read: readYaml,
    parts: CI_PARTS,
  },
  // Bazelisk fetches a release by its number from the project's own host. Other forms name forks or commits.
  {
    files: /(?:^|\/)\.bazelversion$/,
    read: readWords,
    parts: [{ key: /^-$/, value: /^\d{1,3}(?:\.\d{1,3}){0,2}(?:rc\d{1,2})?$/ }],
  },
  { files: /(?:^|\/)jenkinsfile(?:[.-][\w.-]+)?$/, read: readScript, parts: [] },
  {
    files: /(?:^|\/)\.?readthedocs\.ya?ml$/,
    read: readYaml,
    parts: [
      { key: /^version$/, value: /^2$/ },
      { key: /^build\/os$/, value: /^ubuntu-[\w.-]{1,20}$/ },
      { key: /^build\/tools\/(?:python|nodejs|ruby|golang|rust)$/, value: VERSION_OR_NAME },
      { key: /^build\/apt_packages\/-$/, only: 'removed' },
      { key: /^sphinx\/(?:builder|fail_on_warning)$/ },
      { key: /^(?:sphinx|mkdocs)\/configuration$|^conda\/environment$/, value: OWN_FILE },
      { key: /^formats(?:\/-)?$/, value: /^\w+$/ },
      { key: /^python\/install\/-\/requirements$/, value: OWN_FILE },
      { key: /^python\/install\/-\/path$/, value: /^(?!.*\.\.)(?:\.|[\w-][\w./-]*)(?:\[[\w,-]{1,80}\])?$/ },
      { key: /^python\/install\/-\/(?:method|extra_requirements\/-|groups\/-)$/, value: /^[\w-]+$/ },
    ],
  },
  {
    files: /(?:^|\/)vercel\.json$/,
    read: readYaml,
    parts: [
      { key: /^(?:redirects|crons)\/-\/(?:source|destination|path)$/, value: OWN_PAGE },
      { key: /^redirects\/-\/(?:permanent|statusCode)$/ },
      { key: /^crons\/-\/schedule$/ },
    ],
  },
  {
    // The guard reports lowered coverage targets.
    files: /(?:^|\/)\.?codecov\.ya?ml$/,
    read: readYaml,
    parts: [
      { key: /^ignore\/-$/, only: 'removed' },
      {
        key: /^(?:codecov\/(?:require_ci_to_pass|notify\/(?:after_n_builds|wait_for_ci))|comment(?:\/\w+)?)$/,
      },
      { key: /^coverage\/(?:precision|round|range)$/ },
      {
        key: /^coverage\/status\/(?:project|patch)\/\w+\/target$/,
        value: /^(?:auto|(?:[5-9]\d|100)(?:\.\d+)?%?)$/,
      },
      { key: /^coverage\/status\/(?:project|patch)\/\w+\/if_not_found$/, value: /^failure$/ },
    ],
  },
  {
    // Line endings and contents of archives. Other attributes run programs from git's configuration, or hide a diff.
    files: /(?:^|\/)\.gitattributes$/,
    read: readAttributes,
    parts: [
      {
        key: /^-$/,
        value:
          /^(?!\[|")\S+ (?:-?text|text=auto|eol=(?:lf|crlf)|export-ignore|linguist-(?:vendored|documentation|detectable|language=[\w-]+))$/,
      },
    ],
  },
  {
    files: /(?:^|\/)\.pre-commit-config\.ya?ml$/,
    read: readPreCommit,
    parts: [
      { key: /^repos\/[^/]+\/rev$/, value: /^v?\d+(?:\.\w+)+$/ },
      { key: /^ci\/auto\w*$|^minimum_pre_commit_version$/ },
      { key: USUAL_HOOKS },
      { key: /^repos\/[^/]+\/repo$/, only: 'removed' },
      { key: /^repos\/https:[^/]+\/hooks\/[^/]+\/(?:id|name|alias|description|verbose)$/ },
      { key: /^repos\/https:[^/]+\/hooks\/[^/]+\/args\/-$/, value: LAYOUT_FLAG },
      { key: /^repos\/https:[^/]+\/hooks\/[^/]+\/additional_dependencies\/-$/, value: FROM_REGISTRY },
      { key: /^repos\/https:[^/]+\/hooks\/[^/]+\/language_version$/, value: /^(?:python)?\d[\d.]{0,6}$/ },
      { key: OF_FORMATTER },
      { key: /^repos\/https:[^/]+\/hooks\/ruff(?:-check)?\/types_or\/-$/, value: /^(?:python|pyi|jupyter)$/ },
    ],
  },
  {
    // Version ranges in a catalog are like those in a manifest.
    files: /(?:^|\/)\.yarnrc\.ya?ml$/,
    read: readYaml,
    parts: [{ key: /^catalogs?\//, value: /^[\^~]?\d[\w.-]*$/ }],
  },
  {
    files: /(?:^|\/)\.npmrc$/,
    read: readProperties,
    parts: [
      {
        key: /^-\/(?:ignore-scripts|min(?:imum)?-release-age|allow-(?:git|remote|file|directory))$/,
        value: /^(?:true|none|\d{1,6})$/,
        only: 'added',
      },
      {
        key: /^-\/(?:legacy-peer-deps|strict-peer-dependencies|auto-install-peers|shamefully-hoist|engine-strict|save-exact|save-prefix|fund|package-lock|prefer-offline|progress|loglevel)$/,
        value: /^(?:true|false|[\^~]|[a-z]{0,10})$/,
      },
    ],
  },
  {
    files: /(?:^|\/)\.cargo\/(?:config|ci)\.toml$/,
    read: readCargoConfig,
    parts: [
      {
        key: /^(?:build|target\/[^/]+)\/rustflags$/,
        value: /^--cfg[ =]\w+(?:="[\w-]+")?(?: --cfg[ =]\w+(?:="[\w-]+")?){0,10}$/,
      },
    ],
  },
  {
    files: /(?:^|\/)\.bazelrc$/,
    read: readBazelrc,
    parts: [
      {
        key: /^-$/,
        value:
          /^(?:build|common|test)(?::[\w-]{1,40})? --(?:(?:host_)?(?:cxxopt|copt|conlyopt)=(?:-std=|\/std:|-W|-O|-g)[\w+-]{0,40}|(?:no)?(?:enable_bzlmod|enable_workspace|incompatible_\w{1,80})(?:=(?:true|false|[01]))?|(?:test_output|color|curses|show_timestamps|verbose_failures)(?:=\w{1,20})?)$/,
      },
    ],
  },
  { files: /\.xcscheme$/, read: readScheme, parts: [] },
  {
    // Another version of a tool from its usual registry. Tools from an address and post-install commands are not plain.
    files: /(?:^|\/)\.tool-versions$/,
    read: readTools,
    parts: [
      {
        key: /^-\/(?:nodejs|node|python|ruby|golang|go|java|rust|pnpm|yarn|npm|bun|deno|elixir|erlang|php|terraform|zig|gradle|maven|kotlin|scala|poetry|uv)\/-$/,
        value: VERSION_OR_NAME,
      },
    ],
  },
  {
    files: /(?:^|\/)\.?mise\.toml$/,
    read: readTomlOnce,
    parts: [{ key: /^tools\/(?:[a-z][\w-]*|npm:@?[\w.-]+(?:~1[\w.-]+)?)$/, value: VERSION_OR_NAME }],
  },
  {
    files: /(?:^|\/)gradle-wrapper\.properties$/,
    read: readProperties,
    parts: [
      {
        key: /^-\/distributionUrl$/,
        value: /^https\\?:\/\/services\.gradle\.org\/distributions\/gradle-\d[\w.-]{0,30}-(?:bin|all)\.zip$/,
      },
      // A checksum may change with the version, but may not go away.
      { key: /^-\/distributionSha256Sum$/, value: /^[0-9a-f]{64}$/, kept: () => 'one' },
      { key: /^-\/(?:networkTimeout|retries|retryBackOffMs)$/, value: /^\d{1,6}$/ },
    ],
  },
  {
    files: /(?:^|\/)maven-wrapper\.properties$/,
    read: readProperties,
    parts: [
      {
        key: /^-\/distributionUrl$/,
        value:
          /^https:\/\/(?:repo1\.maven\.org|repo\.maven\.apache\.org)\/maven2\/org\/apache\/maven\/apache-maven\/[\d.]{1,20}\/apache-maven-[\d.]{1,20}-bin\.zip$/,
      },
      {
        key: /^-\/wrapperUrl$/,
        value:
          /^https:\/\/(?:repo1\.maven\.org|repo\.maven\.apache\.org)\/maven2\/org\/apache\/maven\/wrapper\/maven-wrapper\/[\d.]{1,20}\/maven-wrapper-[\d.]{1,20}\.jar$/,
      },
      { key: /^-\/wrapperVersion$/, value: VERSION },
    ],
  },
  {
    files: /(?:^|\/)\.vscode\/(?:extensions|settings)\.json$/,
    read: readYaml,
    parts: [
      { key: /^recommendations\/-$/, only: 'removed' },
      { key: /^unwantedRecommendations\/-$|^cSpell\.(?:words|ignoreWords)\/-$/ },
      { key: /^deno\.(?:enable|disable)Paths\/-$/, value: OWN_FILE },
    ],
  },
  {
    files: /(?:^|\/)\.claude\/settings(?:\.local)?\.json$/,
    read: readYaml,
    parts: [
      { key: /^permissions\/allow\/-$/, only: 'removed' },
      { key: /^permissions\/(?:ask|deny)\/-$/, only: 'added' },
    ],
  },
  {
    files: /^\.config\/dotnet-tools\.json$/,
    read: readYaml,
    parts: [{ key: /^tools\/[^/]+\/version$/, value: VERSION }],
  },
  // Severities of a checker's rules.
  {
    files: /^\.github\/[\w-]+\.toml$/,
    read: readTomlOnce,
    parts: [{ key: /^rules\/[\w-]+$/, value: /^(?:warn|error|info)$/ }],
  },
  // In these files only comments and layout may change.
  {
    files:
      /(?:^|\/)(?:\.asf\.yaml|\.cargo\/deny\.toml|deny\.toml|\.github\/.{0,100}|netlify\.toml|fly\.toml|render\.yaml|wrangler\.toml|lefthook\.ya?ml|bunfig\.toml|uv\.toml)$/,
    read: (text) => (/^\s*[[\w-]+\s*=|^\s*\[/m.test(text) ? readTomlOnce(text) : readYaml(text)),
    parts: [],
  },
]
