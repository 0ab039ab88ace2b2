import { isManifestOrLock } from './lock-files.ts'

const TEST_PATH =
  /(?:^|\/)(?:tests?|__tests__|specs?|e2e)\/|(?:^|\/)(?:test_[^/]+\.py|conftest\.py|tests?\.(?:py|rs))$|[._-](?:test|tests|spec)\.[\w.]+$|_test\.go$|(?:Test|Tests|Spec|IT)\.(?:java|kt|scala|groovy|cs|php|swift|hs)$|(?:^|\/)Test[A-Z]\w*\.(?:java|kt)$|\.(?:bats|feature|robot)$|(?:^|\/)t\/.{1,200}\.t$|(?:^|\/)(?:features\/steps|step_definitions)\//

const TEST_DATA =
  /(?:^|\/)(?:fixtures|__fixtures__|__testfixtures__|testdata|__snapshots__|snapshots)\/|\/_files\/.*\.php$/

/** True for files that hold tests, by the naming conventions of the common languages. */
export function isTestFile(path: string): boolean {
  return TEST_PATH.test(path) && !TEST_DATA.test(path)
}

/**
 * The purpose of a file: `test` holds tests or their data, `text` is for people, `configuration` says how the project is
 * built, installed and checked, or is a picture or a font; everything else is `source`.
 */
export type FileRole = 'test' | 'text' | 'configuration' | 'source'

const CONFIGURATION =
  /(?:^|\/)\.[^/]+(?:\/|$)|\.(?:json[c5]?|ya?ml|toml|ini|cfg|conf|lock|lockb|sum|mod|properties|gradle|kts|cmake|env|props|targets|sln|slnx|[cf]sproj|gemspec|cabal|png|jpe?g|gif|svg|ico|webp|woff2?|ttf)$|\.config\.[cm]?[jt]s$|(?:^|\/)(?:[Mm]akefile|GNUmakefile|[Jj]ustfile|Rakefile|Gemfile|Podfile|Procfile|Brewfile|Pipfile|Jenkinsfile|Dockerfile[^/]*|setup\.py|noxfile\.py|pom\.xml|phpunit\.xml[^/]*|CMakeLists\.txt|MANIFEST\.in|mix\.exs|Package\.swift|(?:[^/]*requirements|constraints)[^/]*\.(?:txt|in))$|(?:^|\/)requirements\/[^/]+\.txt$/
const TEXT =
  /\.(?:md|mdx|markdown|rst|adoc|txt)$|(?:^|\/)(?:LICEN[CS]E|NOTICE|AUTHORS|CODEOWNERS|CHANGELOG|README)[^/]*$/i

export function roleOf(path: string): FileRole {
  if (TEST_PATH.test(path) || TEST_DATA.test(path)) return 'test'
  if (CONFIGURATION.test(path)) return 'configuration'
  return TEXT.test(path) ? 'text' : 'source'
}

/** True for configuration that the program itself may read, not only its tools: `data/limits.json`, not `package.json`. */
export function isProgramData(path: string): boolean {
  return (
    /\.(?:json|ya?ml|toml|ini|cfg|conf|properties)$/.test(path) &&
    !/(?:^|\/)\./.test(path) &&
    !isManifestOrLock(path)
  )
}

const DEBRIS_FOLDER =
  /(?:^|\/)(?:node_modules|\.venv|venv|__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.tox|\.nyc_output|\.gradle|[^/]+\.egg-info)\//
const DEBRIS_NAME =
  /\.(?:orig|rej|bak|old|swp|swo|tmp|pyc|pyo|log|pid)$|~$|^\.DS_Store$|^Thumbs\.db$|^nohup\.out$|^core(?:\.\d+)?$|^npm-debug|^\.coverage$/i

/** Only counts at the root, where experiments are written: in a folder, `debug.ts` is an ordinary name. */
const EXPERIMENT = /^(?:scratch|tmp|temp|debug|repro)(?:[-_.]\w+)?\.\w+$/i

/** True for new files that look like leftovers of tools and experiments. */
export function isDebris(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return DEBRIS_FOLDER.test(path) || DEBRIS_NAME.test(name) || EXPERIMENT.test(path)
}
