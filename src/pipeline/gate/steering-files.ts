/** What a file steers. `build` files decide what a build executes, and are named in tainted runs only. */
export type SteeringGroup =
  | 'ci'
  | 'review'
  | 'bot'
  | 'agent'
  | 'editor'
  | 'git'
  | 'install'
  | 'deploy'
  | 'github'
  | 'other'
  | 'build'

/** Words for a reviewer that follow the path: `.gitlab-ci.yml` steers CI. */
export const STEERS: Readonly<Record<SteeringGroup, string>> = {
  ci: 'steers CI',
  review: 'steers reviews and scanners',
  bot: 'steers bots and releases',
  agent: 'steers coding agents',
  editor: 'steers editors and shells',
  git: 'steers git',
  install: 'steers installs',
  deploy: 'steers deployments',
  github: 'steers what runs on GitHub',
  other: 'steers a tool that reads dot folders',
  build: 'steers builds',
}

interface SteeringRow {
  readonly group: SteeringGroup
  /** Who reads these files, or what the files can do. */
  readonly why: string
  /**
   * Patterns in lower case, separated by white space. A pattern matches at any depth, because monorepos and editors open
   * subfolders. `*` matches any part of a file name; a trailing `/` means everything in a folder, a leading `/` only the root.
   */
  readonly patterns: string
}

/**
 * Files in dot folders that are ordinary texts or sources: changesets, license templates, and texts that GitHub shows to
 * people.
 */
export const ORDINARY_IN_DOT_FOLDERS = `.changeset/*.md .changeset/pre/*.md .changes/*.md .changes/unreleased/*.yaml
  .changes/unreleased/*.md .changes/*.json .changes/unreleased/*.json .changes/next-release/*.json .basedpyright/baseline.json .reuse/dep5 .reuse/templates/* .storybook/* /.eslint/*.js /.github/issue_template/
  /.github/pull_request_template.md /.github/pull_request_template/ /.github/funding.yml /.github/funding.yaml /.github/release.yml
  /.github/contributing.md /.github/code_of_conduct.md /.github/security.md /.github/support.md /.github/governance.md
  /.github/readme.md`

/**
 * The maintained list of files that take effect without being imported by code, because some program reads them by name.
 * The first matching row counts. A file in a dot folder at the root that no row matches is `other`.
 *
 * Left out on purpose: formatters and linters (`.editorconfig`, `.prettierrc`, `eslint.config.js`), `.gitignore`,
 * `.nvmrc`, `tsconfig.json`, `llms.txt`, Terraform and Kubernetes sources: people change them daily, and nothing runs
 * them before a person has read the change.
 */
export const STEERING_FILES: readonly SteeringRow[] = [
  {
    group: 'review',
    why: 'these say who must approve, and what reviewers and scanners overlook',
    patterns: `codeowners owners owners_aliases owners.yaml .coderabbit.yaml .coderabbit.yml .pr_agent.toml
      pr_agent.toml .qodo/ .codium/ .sourcery.yaml .sourcery.yml greptile.json .greptile/ ellipsis.yaml ellipsis.yml
      .ellipsis/ .bito.yaml .korbit.yaml .codeant.yml .cubic.yaml cubic.yaml .macroscope/ .graphite/ .reviewpad.yml
      reviewpad.yml dangerfile dangerfile.* .danger/ codecov.yml codecov.yaml .codecov.yml .codecov.yaml .coveralls.yml
      sonar-project.properties .sonarcloud.properties .sonarlint/ .snyk .codeclimate.yml .codeclimate.json .qlty/
      .codacy.yml .codacy.yaml .codacy/ .deepsource.toml .lgtm.yml lgtm.yml .hound.yml .houndci.yml .scrutinizer.yml
      .styleci.yml .pullapprove.yml .policy.yml .policy.yaml .gitleaks.toml gitleaks.toml .gitleaksignore
      .gitguardian.yml .gitguardian.yaml .ggignore .secretlintrc .secretlintrc.* .secretlintignore .secrets.baseline
      .talismanrc .trufflehog.yml .trufflehog.yaml .semgrep.yml .semgrep.yaml .semgrepignore .semgrep/ .bearer.yml
      bearer.yml .checkov.yml .checkov.yaml .tfsec.yml .tfsec/ .trivyignore .trivyignore.yaml trivy.yaml .grype.yaml
      .syft.yaml .bandit .nancy-ignore .auditjs.json .nsprc audit-ci.json audit-ci.jsonc .audit-ci.json
      osv-scanner.toml .osv-scanner.toml deny.toml .reviewdog.yml .reviewdog.yaml .mega-linter.yml .trunk/ .whitesource
      .fossa.yml socket.yml socket.yaml .lift.toml .muse.toml .scorecard.yml .zap/ .horusec-config.json .kics.yaml
      .allowlist.yml security-insights.yml .gitreview .codeql/ codeql-config.yml codeql-config.yaml qodana.yaml
      qodana.yml .qodana/ .sops.yaml .sops.yml .gpg-id`,
  },
  {
    group: 'bot',
    why: 'bots merge, update, label or release by these',
    patterns: `renovate.json renovate.json5 renovate.jsonc .renovaterc .renovaterc.json .renovaterc.json5
      renovate-config.js renovate.config.js .renovate/ dependabot.yml dependabot.yaml .dependabot/ .pyup.yml
      greenkeeper.json .mergify.yml .mergify.yaml mergify.yml .mergify/ .kodiak.toml kodiak.toml bors.toml .bors.toml
      .bulldozer.yml .mergequeue.yml .aviator/ .mergepal.yml triagebot.toml .asf.yaml .probot.yml .autorc
      .automerge.yml .releaserc .releaserc.* release.config.* .release-it.* .release-it release-please-config.json
      .release-please-config.json .release-please-manifest.json .semantic-release.* semantic-release.config.*
      .goreleaser.yml .goreleaser.yaml goreleaser.yml goreleaser.yaml .goreleaser*.yml .goreleaser*.yaml .jreleaser.yml
      jreleaser.yml jreleaser.toml release-plz.toml .release-plz.toml dist-workspace.toml .changeset/config.json
      .changeset/*.js .changeset/*.ts .changeset/*.cjs .changeset/*.mjs .autorelease.json .craft.yml .craft.yaml
      .knope.toml knope.toml .versionrc .versionrc.* .bumpversion.cfg .bumpversion.toml .chglog/ .all-contributorsrc
      .imgbotconfig .sweep.yaml sweep.yaml .stale.yml .lock.yml .settings.yml .cla.json .clabot .dco.yml .allstar/
      .terrateam/ atlantis.yaml atlantis.yml digger.yml digger.yaml .spacelift/ env0.yml env0.yaml .infracost.yml
      infracost.yml crowdin.yml crowdin.yaml .tx/ lokalise.yml .restyled.yaml .pre-commit-ci.yaml fastlane/fastfile fastlane/appfile /fastlane/actions/ fastfile
      matchfile .publishrc .rultor.yml .auto.rc`,
  },
  {
    group: 'agent',
    why: 'coding agents take these as instructions, settings, hooks or servers to start',
    patterns: `agents.md agent.md agents.override.md claude.md claude.local.md gemini.md qwen.md crush.md warp.md
      iflow.md copilot-instructions.md replit.md skill.md *.instructions.md *.prompt.md *.chatmode.md *.agent.md .rules
      .agents .agents/ .agent/ .ai/ .claude/ .claude.json .claude-plugin/ .claudeignore .cursor/ .cursorrules
      .cursorignore .cursorindexingignore .windsurf/ .windsurfrules .windsurfrules.* .codeium/ .codeiumignore
      .clinerules .clinerules/ .clinerules* .cline/ .clineignore .roo/ .roorules .roorules* .roomodes .rooignore
      .kilocode/ .kilocoderules .kilocodemodes .kilo/ .aider* .continue/ .continuerc.json .continuerules
      .continueignore .copilot/ .junie/ .junie.md .kiro/ .amazonq/ .augment/ .augment-guidelines .augmentignore .trae/
      .traerules .opencode/ opencode.json opencode.jsonc .codex/ .goose/ .goosehints .goosehints.local .gooseignore
      .gemini/ .geminiignore .qwen/ .crush/ crush.json .crush.json .iflow/ .mcp.json mcp.json .mcp/ mcp.jsonc
      mcp_config.json .aiassistant/ .aiignore .aiexclude .tabnine/ .tabnine_commands .cody/ .sourcegraph/ .devin/
      .factory/ .jules/ .openhands/ .openhands_instructions .openhandsrules .swe-agent/ .plandex/ .pearai/ .pearairules
      .voidrules .zencoder/ .qoder/ .rovodev/ .rovodev.yml .serena/ .taskmaster/ .specify/ .bmad-core/ .firebender/
      firebender.json .warp/ .forge/ forge.yaml .ruler/ .rulesync/ rulesync.jsonc .bolt/ .lovable/ .v0/ .codebuddy/
      .comate/ .lingma/ .marscode/ .antigravity/ .vibe/ .amp/ .agentrc .agentignore .copilotignore .prompts/
      backspace.yml .backspace.yml memory-bank/ gptme.toml .gptme.toml .pi/ .grit/ .codegpt/ .tabby/ .codemod/
      mcp-config.json mcp.config.json claude_desktop_config.json .cursor-plugin/ .codex-plugin/ gemini-extension.json`,
  },
  {
    group: 'ci',
    why: 'CI services run what these say on every push, often with secrets',
    patterns: `.gitlab-ci.yml .gitlab-ci.yaml *.gitlab-ci.yml *.gitlab-ci.yaml .gitlab-ci/ .gitlab/ .gitea/ .forgejo/
      jenkinsfile jenkinsfile.* jenkinsfile-* *.jenkinsfile .jenkins/ azure-pipelines.yml azure-pipelines.yaml
      azure-pipelines*.yml azure-pipelines*.yaml azure-pipeline.yml azure-pipeline.yaml .azure-pipelines/
      azure-pipelines/ .azuredevops/ .azdo/ .pipelines/ .ado/ .vsts-ci.yml .circleci/ circle.yml /.travis.yml
      /.travis.yaml .travis/ .drone.yml .drone.yaml .drone.jsonnet .drone.star .drone/ .woodpecker.yml .woodpecker.yaml
      .woodpecker/ .buildkite/ buildkite.yml buildkite.yaml .buildkite.yml .buildkite.yaml bitbucket-pipelines.yml
      bitbucket-pipelines.yaml cloudbuild.yaml cloudbuild.yml cloudbuild.json cloudbuild*.yaml cloudbuild*.yml
      buildspec.yml buildspec.yaml buildspec*.yml buildspec*.yaml appveyor.yml .appveyor.yml appveyor.yaml
      .appveyor.yaml /.cirrus.yml /.cirrus.yaml /.cirrus.star .semaphore/ .teamcity/ bamboo-specs/ bamboo.yml bamboo.yaml
      codefresh.yml codefresh.yaml .codefresh/ screwdriver.yaml screwdriver.yml wercker.yml shippable.yml
      .shippable.yml .gocd.yaml *.gocd.yaml *.gocd.yml .builds/ .build.yml .builds.yml .tekton/ .harness/ .gitness/
      .concourse/ .vela.yml .vela.yaml .zuul.yaml .zuul.yml zuul.yaml .zuul.d/ zuul.d/ .prow.yaml .prow/ earthfile
      .earthly/ dagger.json .dagger/ bitrise.yml bitrise.yaml .bitrise.yml codemagic.yaml ci_scripts/ eas.json .eas/ .packit.yaml
      .packit.yml packit.yaml .copr/ .ci/ ci/pipeline.yml ci/pipeline.yaml action.yml action.yaml .actrc .bazelci/
      .taskcluster.yml .onedev-buildspec.yml .evergreen.yml evergreen.yml .kokoro/ .ci-operator.yaml .rwx/ .mint/
      .depot/ .namespace/ .blacksmith/ .semaphore.yml .jenkins.yml .pipeline.yml .tekton.yml`,
  },
  {
    group: 'editor',
    why: 'editors, debuggers, shells and cloud workspaces run these when a folder is opened',
    patterns: `.vscode/ .vscode-server/ *.code-workspace .idea/ .run/ *.run.xml *.iml .fleet/ .zed/ .theia/ .sublime/
      *.sublime-project *.sublime-workspace *.sublime-build .nova/ .helix/ .vim/ .nvim/ .exrc .vimrc _vimrc .gvimrc
      .nvimrc .nvim.lua .lvimrc .local.vimrc .vimrc.local .dir-locals.el .dir-locals-2.el .projectile .emacs .emacs.d/
      .project .classpath .settings/ .externaltoolbuilders/ .cproject nbproject/ .vs/ .devcontainer/ .devcontainer.json
      devcontainer.json .gitpod.yml .gitpod.yaml .gitpod.dockerfile .gitpod/ .ona/ devfile.yaml .devfile.yaml
      devfile.yml .replit replit.nix .stackblitzrc .stackblitz/ .codesandbox/ sandbox.config.json .idx/ .coder/ .daytona/ .binder/
      .envrc .envrc.* .direnvrc .autoenv .autoenv.zsh .autoenv.leave .env.zsh mise.toml .mise.toml mise.*.toml
      .mise.*.toml .mise/ mise/config.toml .rtx.toml .tool-versions .prototools .asdfrc .vfox.toml .sdkmanrc
      devbox.json .devbox/ .devenv/ .flox/ .hermit/ .bashrc .bash_profile .bash_login .bash_logout .profile .zshrc
      .zshenv .zprofile .zlogin .kshrc .cshrc .tcshrc .login .inputrc .screenrc .gdbinit .lldbinit flutter_lldbinit .pythonrc
      .pythonstartup .pdbrc .rprofile rprofile.site .renviron .irbrc .pryrc .byebugrc .iex.exs .ghci .ghcirc .ocamlinit
      .octaverc .sqliterc .psqlrc .mysqlrc .mongorc.js .mongoshrc.js .ripgreprc .ackrc .tmuxinator.yml .tmuxp.yaml
      .overmind.env .phpactor.json .nrepl.edn .clojure/ .lsp/ .clangd .ccls .luarc.json .neoconf.json .kakrc .micro/
      .ycm_extra_conf.py .vimspector.json .lapce/ .c9/ .brackets.json .bsp/ .bloop/ .metals/ .elixir_ls/
      .solargraph.yml *.xcscheme desktop.ini autorun.inf microsoft.powershell_profile.ps1 profile.ps1 .env glitch.json
      binder/postbuild binder/start binder/dockerfile binder/environment.yml binder/requirements.txt binder/apt.txt brewfile aptfile apt.txt .projections.json`,
  },
  {
    group: 'git',
    why: 'git, its hooks and its storage obey these in every clone',
    patterns: `.git/ .gitattributes .gitmodules .gitconfig .lfsconfig .husky/ .huskyrc .huskyrc.* husky.config.js
      .githooks/ githooks/ .git-hooks/ git-hooks/ .hooks/ .pre-commit-hooks.yaml .pre-commit-hooks.yml prek.toml lefthook.yml lefthook.yaml lefthook.toml lefthook.json
      .lefthook.yml .lefthook.yaml .lefthook.toml .lefthook.json lefthook-local.yml .lefthook-local.yml .lefthook/
      .lefthook-local/ .lintstagedrc .lintstagedrc.* lint-staged.config.* .nano-staged.* nano-staged.*
      .simple-git-hooks.* simple-git-hooks.* .overcommit.yml .overcommit/ .git-hooks.yml grumphp.yml grumphp.yml.dist
      captainhook.json .captainhook.json .rusty-hook.toml .cargo-husky/ .git-crypt/ .hgrc .hg/ .svn/ .jj/ .gitmessage
      .gitlint .pre-push .pre-commit .yorkie.json .czrc .cz.*`,
  },
  {
    group: 'install',
    why: 'package managers, build tools and interpreters obey these before any code of the repository is read',
    patterns: `.npmrc npmrc .npmrc.* .yarnrc .yarnrc.yml .yarnrc.yaml .yarn/ .pnp.cjs .pnp.js .pnp.loader.mjs
      .pnpmfile.cjs .pnpmfile.mjs .pnpmfile.js pnpmfile.js pnpmfile.cjs bunfig.toml .bunfig.toml .denorc binding.gyp
      .node-gyp/ .volta/ .corepack.env lavamoat.config.* lavamoat/ pip.conf pip.ini .pip/ .pypirc .pydistutils.cfg
      pydistutils.cfg distutils.cfg sitecustomize.py usercustomize.py *.pth *.egg-link pyvenv.cfg python*._pth uv.toml
      .uv.toml .config/uv/ poetry.toml .pdm.toml .pdm-python .condarc condarc .mambarc .conda/ .pixi/ .cargo/ .gradle/
      gradle/wrapper/ gradle-wrapper.properties gradle-wrapper.jar init.gradle init.gradle.kts *.init.gradle
      *.init.gradle.kts init.d/ gradlew gradlew.bat .mvn/ mvnw mvnw.cmd maven-wrapper.properties maven-wrapper.jar .m2/
      .mavenrc .sbtopts .jvmopts .sbtrc .sbt/ .coursier/ .mill-jvm-opts .jvm.config .java-buildpack/ .bazelrc *.bazelrc
      .bazelversion .bazeliskrc .bazelproject .bazelignore tools/bazel .buckconfig .buckconfig.* .buckconfig.d/
      .buckversion .buckjavaargs pants.toml pants.*.toml .pants.rc .pantsrc .gemrc gemrc .bundle/ .bundler/ .rbenv-vars
      .mix/ .hex/ .rebar3/ .luarocks/ .opam/ .cabal/ .stack/ .hackage/ .swiftpm/ .cocoapods/ nuget.config .nuget/
      vcpkg-configuration.json .conan/ .conan2/ .cpanm/ /auth.json .composer/ .pear/ .user.ini php.ini renv/activate.r
      .lein/ .shadow-cljs.edn .leinrc .julia/ .ansible.cfg ansible.cfg .curlrc .wgetrc .netrc _netrc .ssh/ .docker/
      .dockercfg .kube/ .aws/ .terraformrc terraform.rc .terraform.d/ .helmrc .nixrc nix.conf directory.build.rsp
      msbuild.rsp .bowerrc cross.toml .meteor/ cargo-config.toml`,
  },
  {
    group: 'deploy',
    why: 'hosts build and deploy by these, often for every branch that is pushed',
    patterns: `vercel.json vercel.ts .vercel/ now.json netlify.toml .netlify/ fly.toml fly.*.toml .fly/ render.yaml
      render.yml railway.json railway.toml .railway/ nixpacks.toml railpack.json procfile procfile.* heroku.yml
      .heroku/ .profile.d/ wrangler.toml wrangler.json wrangler.jsonc .wrangler/ serverless.yml serverless.yaml
      serverless.ts serverless.js serverless.json serverless*.yml sst.config.ts sst.json firebase.json .firebaserc
      apphosting.yaml appspec.yml appspec.yaml amplify.yml amplify.yaml .amplify-hosting/ apprunner.yaml .ebextensions/
      .platform/ .elasticbeanstalk/ samconfig.toml cdk.json copilot/manifest.yml zeabur.json zbpack.json koyeb.yaml
      northflank.json .do/ captain-definition .dokku/ staticwebapp.config.json .deployment capfile config/deploy.yml
      config/deploy.rb .kamal/ kamal.yml skaffold.yaml skaffold.yml tiltfile tilt_config.json okteto.yml okteto.yaml
      .okteto/ garden.yml garden.yaml *.garden.yml devspace.yaml devspace.yml werf.yaml werf-giterminism.yaml
      .platform.app.yaml .upsun/ .lagoon.yml pantheon.yml pantheon.upstream.yml acquia-pipelines.yml pulumi.yaml
      pulumi.yml pulumi.*.yaml .argocd-source.yaml .argocd/ .flux/ cloudfoundry.yml manifest-cf.yml .s2i/ .htaccess
      web.config .readthedocs.yml .readthedocs.yaml readthedocs.yml readthedocs.yaml .devops/ score.yaml encore.app
      dfx.json anchor.toml .gcloudignore cname _headers _redirects _routes.json _worker.js .buildpacks
      electron-builder.* cdktf.json helmfile.yaml helmfile.yml .slugignore`,
  },
  {
    group: 'github',
    why: 'scripts of workflows, templates and settings',
    patterns: `/.github/`,
  },
  {
    group: 'build',
    why: 'builds, tests or installs execute these; what steers in a manifest is judged by its contents',
    patterns: `.pre-commit-config.yaml .pre-commit-config.yml package.json package.yaml package.json5 package-lock.json
      npm-shrinkwrap.json pnpm-lock.yaml pnpm-workspace.yaml yarn.lock bun.lock bun.lockb deno.json deno.jsonc
      deno.lock jsr.json lerna.json nx.json turbo.json turbo.jsonc rush.json pyproject.toml setup.py setup.cfg
      conftest.py uv.lock poetry.lock pdm.lock pylock.toml pipfile pipfile.lock requirements*.txt requirements*.in
      constraints*.txt tox.ini noxfile.py dodo.py tasks.py environment.yml environment.yaml pixi.toml pixi.lock
      .python-version go.mod go.sum go.work go.work.sum cargo.toml cargo.lock build.rs rust-toolchain
      rust-toolchain.toml pom.xml build.gradle build.gradle.kts settings.gradle settings.gradle.kts gradle.properties
      gradle.lockfile verification-metadata.xml build.sbt build.sc project/build.properties project/plugins.sbt gemfile
      gemfile.lock *.gemspec gems.rb gems.locked rakefile .rspec .ruby-version composer.json composer.lock mix.exs
      mix.lock rebar.config pubspec.yaml pubspec.lock package.swift package.resolved podfile podfile.lock cartfile
      project.clj deps.edn stack.yaml cabal.project *.cabal build.zig build.zig.zon dub.json makefile.pl build.pl
      cpanfile conanfile.txt conanfile.py vcpkg.json cmakelists.txt cmakepresets.json meson.build configure
      configure.ac makefile gnumakefile makefile.* *.mk justfile .justfile taskfile.yml taskfile.yaml taskfile.dist.yml
      magefile.go gruntfile.* gulpfile.* jakefile.* build.xml build.bazel build workspace workspace.bazel module.bazel
      module.bazel.lock buck dockerfile dockerfile.* *.dockerfile containerfile containerfile.* .dockerignore
      docker-compose*.yml docker-compose*.yaml compose.yml compose.yaml compose.*.yml compose.*.yaml docker-bake.hcl
      docker-bake.json vagrantfile packer.json flake.nix flake.lock shell.nix default.nix directory.build.props
      directory.build.targets directory.packages.props global.json packages.config packages.lock.json app.json app.yaml
      commitlint.config.* .commitlintrc .commitlintrc.* devenv.nix devenv.yaml terragrunt.hcl trunk.toml pkgbuild
      snapcraft.yaml import_map.json importmap.json bower.json .pylintrc pylintrc yarn.config.cjs tauri.conf.json pytest.ini .flake8 mypy.ini .rubocop.yml
      _config.yml runtime.txt project.json`,
  },
]
