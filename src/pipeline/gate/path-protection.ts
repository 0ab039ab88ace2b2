/**
 * - `workflow`: runs with the repository's secrets as soon as it is pushed; never published.
 * - `protected`: steers people, agents, git or CI; published as a draft only, listed first.
 * - `build`: decides what an install or a build executes; named in a tainted run, otherwise ordinary.
 * - `ordinary`: everything else.
 */
export type Protection = 'workflow' | 'protected' | 'build' | 'ordinary'

/** Compared in lower case at any depth: several of them are honoured in subfolders, or on systems without case. */
const PROTECTED_NAMES = new Set([
  'codeowners',
  'agents.md',
  'agents.override.md',
  'claude.md',
  'claude.local.md',
  'gemini.md',
  'copilot-instructions.md',
  '.cursorrules',
  '.windsurfrules',
  '.clinerules',
  '.mcp.json',
  '.claude.json',
  '.gitmodules',
  '.gitattributes',
  '.ripgreprc',
  '.npmrc',
  '.pnpmfile.cjs',
  '.yarnrc',
  '.yarnrc.yml',
])
/** Folders of agents' instructions, settings and hooks, at any depth. */
const PROTECTED_FOLDERS = new Set(['.claude', '.cursor', '.codex', '.gemini', '.agents', '.husky', '.git'])

const BUILD_NAMES = new Set([
  'package.json',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
  'deno.json',
  'deno.lock',
  'pyproject.toml',
  'setup.py',
  'setup.cfg',
  'conftest.py',
  'uv.lock',
  'poetry.lock',
  'pipfile',
  'pipfile.lock',
  'tox.ini',
  'noxfile.py',
  'go.mod',
  'go.sum',
  'cargo.toml',
  'cargo.lock',
  'build.rs',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'settings.gradle',
  'gradlew',
  'mvnw',
  'gemfile',
  'gemfile.lock',
  'rakefile',
  'composer.json',
  'composer.lock',
  'makefile',
  'gnumakefile',
  'justfile',
  'dockerfile',
  'containerfile',
  'jenkinsfile',
  '.gitlab-ci.yml',
  '.travis.yml',
  'azure-pipelines.yml',
])

/** How carefully a change of this path is to be handled. */
export function protectionOf(path: string): Protection {
  const segments = path.normalize('NFC').toLowerCase().split('/')
  const name = segments.at(-1) ?? ''
  if (segments[0] === '.github' && segments[1] === 'workflows') return 'workflow'
  if (PROTECTED_NAMES.has(name)) return 'protected'
  const folders = segments.slice(0, -1)
  // Top-level dot folders hold the settings of tools that run by themselves: .circleci, .devcontainer, .vscode …
  if (folders[0]?.startsWith('.')) return 'protected'
  if (folders.some((folder) => PROTECTED_FOLDERS.has(folder))) return 'protected'
  if (BUILD_NAMES.has(name) || /^requirements[\w.-]*\.txt$|^dockerfile\./.test(name)) return 'build'
  return 'ordinary'
}
