import { expect, test } from 'vitest'
import { protectionOf } from '../../../src/pipeline/gate/protection.ts'
import { steeringOf } from '../../../src/pipeline/gate/steering.ts'
import { STEERING_FILES } from '../../../src/pipeline/gate/steering-files.ts'
import { changed } from '../changed-file.ts'

const steers = (path: string) => steeringOf(changed({ path })).map(({ what }) => what as string)

/** S24; fault S11. */
test.each([
  ['CI', '.gitlab-ci.yml ci/deploy.gitlab-ci.yml Jenkinsfile ops/Jenkinsfile.release azure-pipelines.yml'],
  ['CI', 'azure-pipelines-nightly.yml .azure-pipelines/a.yml action.yml actions/setup/action.yaml'],
  [
    'CI',
    '.circleci/config.yml .bitrise.yml .drone.yml bitbucket-pipelines.yml cloudbuild.yaml appveyor.yml .travis.yml',
  ],
  ['CI', '.buildkite/pipeline.yml .woodpecker.yml .woodpecker/test.yml Earthfile buildspec.yml .cirrus.yml'],
  [
    'reviews',
    'CODEOWNERS docs/CODEOWNERS .github/CODEOWNERS .gitlab/CODEOWNERS .coderabbit.yaml .pr_agent.toml',
  ],
  [
    'reviews',
    '.sourcery.yaml codecov.yml .codecov.yml sonar-project.properties .snyk dangerfile.ts Dangerfile',
  ],
  [
    'bots',
    'renovate.json .renovaterc .renovaterc.json .github/dependabot.yml .mergify.yml .github/mergify.yml',
  ],
  ['bots', '.releaserc .releaserc.json release.config.mjs .goreleaser.yaml .changeset/config.json bors.toml'],
  [
    'coding agents',
    'AGENTS.md packages/a/AGENTS.md claude.md CLAUDE.local.md GEMINI.md .cursor/rules/a.mdc .cursorrules',
  ],
  ['coding agents', '.windsurfrules .clinerules .clinerules/a.md .roo/rules/a.md .roomodes .aider.conf.yml'],
  [
    'coding agents',
    '.continue/config.yaml .github/copilot-instructions.md .github/instructions/a.instructions.md',
  ],
  [
    'coding agents',
    '.github/prompts/a.prompt.md .github/agents/a.agent.md .junie/guidelines.md .kiro/steering/a.md',
  ],
  [
    'coding agents',
    '.amazonq/rules/a.md .augment-guidelines .trae/rules/a.md .opencode/agent/a.md opencode.json',
  ],
  [
    'coding agents',
    '.codex/config.toml .goosehints .mcp.json .vscode/mcp.json skills/a/SKILL.md .claude/settings.json',
  ],
  [
    'editors',
    '.devcontainer.json .devcontainer/devcontainer.json pkg/.vscode/tasks.json .envrc sub/.envrc mise.toml',
  ],
  [
    'editors',
    '.tool-versions .idea/runConfigurations/a.xml .fleet/run.json .zed/tasks.json a.code-workspace',
  ],
  [
    'editors',
    'a.sublime-project .exrc .nvimrc .lvimrc .dir-locals.el .gitpod.yml .replit .Rprofile .gdbinit',
  ],
  [
    'git',
    '.gitattributes sub/.gitattributes .gitmodules .gitconfig .lfsconfig .husky/pre-commit .githooks/pre-push',
  ],
  ['git', 'lefthook.yml .lefthook.toml .lintstagedrc.json .pre-commit-hooks.yaml .pre-commit-config.yaml'],
  [
    'installs',
    '.npmrc a/.npmrc .yarnrc .yarnrc.yml .yarn/releases/yarn.cjs .pnpmfile.cjs bunfig.toml binding.gyp',
  ],
  [
    'installs',
    'pip.conf .cargo/config.toml gradle/wrapper/gradle-wrapper.properties gradlew .mvn/maven.config',
  ],
  [
    'installs',
    '.mvn/extensions.xml init.gradle .gemrc .bundle/config sitecustomize.py evil.pth .bazelrc tools/bazel',
  ],
  [
    'deployments',
    'vercel.json netlify.toml fly.toml render.yaml Procfile serverless.yml wrangler.toml Tiltfile',
  ],
  ['deployments', 'skaffold.yaml apps/web/vercel.json firebase.json .readthedocs.yaml .htaccess cdk.json'],
  ['GitHub', '.github/settings.yml .github/actions/setup/index.js .github/zizmor.yml'],
  ['editors', '.ycm_extra_conf.py .vimspector.json .bsp/x.json .env ios/App.xcscheme desktop.ini Brewfile'],
  [
    'deployments',
    'CNAME docs/CNAME _redirects public/_headers electron-builder.yml .buildpacks helmfile.yaml',
  ],
  ['coding agents', 'memory-bank/a.md .grit/a.md gemini-extension.json .pi/a.md mcp.json'],
  ['bots', 'fastlane/Fastfile .github/renovate.json5 release-please-config.json .kodiak.toml'],
  ['dot folders', '.unheard-of/config.yml'],
] as const)('files that steer %s are named, at any depth where tools look: %s', (group, paths) => {
  for (const path of paths.split(' ')) {
    expect([path, steers(path)[0] ?? '']).toEqual([
      path,
      expect.stringMatching(`${group}|git hooks|cannot be read`),
    ])
  }
})

test.each([
  'src/index.ts README.md docs/guide.md .gitignore .editorconfig .prettierrc eslint.config.js tsconfig.json .nvmrc',
  'llms.txt .env.example main.tf k8s/deployment.yaml .changeset/brave-cats-dance.md .storybook/main.ts test/conftest.ts',
  'locales/en/auth.json src/agents.ts docs/agents/index.md src/action.ts test/fixtures/owners.ts src/skills.md',
  'vitest.config.ts jest.config.js .dockerfilelintrc .eslintrc.cjs a/b/c.github/x',
  '.github/CONTRIBUTING.md .github/SECURITY.md .github/CODE_OF_CONDUCT.md',
])('ordinary files stay ordinary: %s', (paths) => {
  for (const path of paths.split(' ')) expect([path, protectionOf(path)]).toEqual([path, 'ordinary'])
})

test('builds are named in tainted runs only', () => {
  const paths =
    'package.json a/yarn.lock Makefile Dockerfile docker-compose.yml requirements-dev.txt conftest.py setup.py'
  for (const path of paths.split(' ')) expect([path, protectionOf(path)]).toEqual([path, 'build'])
})

test('neither case, Unicode form, ignored characters, tails nor look-alikes hide a name', () => {
  for (const path of [
    ...[
      'Claude.MD',
      '.GITLAB-CI.YML',
      '.ＮＰＭＲＣ',
      '.np\u200cmrc',
      '.npmrc.',
      '.npmrc ',
      '.npmrc::$DATA',
      '.NPMRC\u0301',
    ],
    ...[
      '.gіthub/dependabot.yml',
      'АGENTS.md',
      '\u212airo/../.Kiro/steering/a.md',
      '.envrc\u00ad',
      './.envrc',
      'a//.envrc',
    ],
  ]) {
    expect([path, protectionOf(path)]).toEqual([path, 'protected'])
  }
  for (const path of ['.github/workflows/ci.yml', '.GitHub/Workflows/x.yml', '.gıthub/workflows/ci.yml']) {
    expect([path, protectionOf(path)]).toEqual([path, 'workflow'])
  }
})

test('both names of a rename count, and so does a deletion', () => {
  const moved = changed({ path: 'docs/old.md', previousPath: 'AGENTS.md', status: 'renamed' })
  expect(steeringOf(moved)).toEqual([{ path: 'AGENTS.md', what: 'steers coding agents' }])
  expect(steeringOf(changed({ path: 'CODEOWNERS', status: 'deleted' }))).toHaveLength(1)
})

test('the list is in lower case, without a pattern twice', () => {
  const patterns = STEERING_FILES.flatMap(({ patterns }) => patterns.split(/\s+/))
  expect(patterns.filter((pattern) => pattern !== pattern.toLowerCase() || pattern === '')).toEqual([])
  expect(patterns.filter((pattern, index) => patterns.indexOf(pattern) !== index)).toEqual([])
  expect(steers('a/'.repeat(2000))).toEqual([])
})
