import { chooseMaven } from '../../checks/environment/choose-maven.ts'
import { inEnvironment } from '../../checks/environment/environment.ts'
import { type PomParent, parsePom, wishesOfPoms } from '../../checks/environment/maven-poms.ts'
import type { EnvironmentPlan } from '../../checks/environment/plan-environment.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { capitalized } from '../../text/capitalized.ts'
import { inlineCode } from '../../text/markdown/fenced.ts'

/** Parents above those in the repository that are read. */
const MOST_PARENTS = 4
const POM_MS = 30_000
const FETCH_MS = 5 * 60_000
const MOST_POM_BYTES = 256 * 1024

/**
 * Defines `get`, which prints a file of the registry, and `settings`, the file of the installed Maven, which may name the
 * operator's mirror. `MVNW_REPOURL` is the variable that Maven's own wrapper reads.
 */
const REGISTRY = `set -o pipefail
mvn=$(realpath "$(command -v mvn)" 2>/dev/null)
settings=\${mvn%/bin/mvn}/conf/settings.xml
mirror=$(cat ~/.m2/settings.xml "$settings" 2>/dev/null | tr -d '\\n' | sed 's/<!--/\\n&/g; s/-->/&\\n/g' |
  grep -v '^<!--' | tr -d '\\n' | sed 's/<mirror>/\\n&/g' | grep -E '<mirrorOf>([^<]*,)?(\\*|external:\\*|central)(,[^<]*)?</mirrorOf>' | grep -v '<blocked>true' |
  sed -n 's/.*<url>[[:space:]]*\\([^<[:space:]]*\\).*/\\1/p' | head -n 1)
base=\${MVNW_REPOURL:-\${mirror:-https://repo.maven.apache.org/maven2}}
get() {
  if command -v curl >/dev/null; then curl -fsSL --retry 2 --connect-timeout 20 "\${base%/}/$1"; else wget -q -O - "\${base%/}/$1"; fi
}
`
/** Prints `java` and `mvn` if there are such programs, and what Maven says about itself. */
const LOOK =
  'if [ -x "$JAVA_HOME/bin/java" ] || command -v java >/dev/null; then echo java; fi; command -v mvn >/dev/null && echo mvn; (cd / && timeout 20 mvn --batch-mode --version) </dev/null 2>/dev/null | head -n 5'
const READ = `${REGISTRY}get "$POM"`
/** The settings of the installed Maven stay in force: its mirrors, its proxies. */
const BRING = `${REGISTRY}
[ -x "$TO/bin/mvn" ] && exit 0
file=org/apache/maven/apache-maven/$VERSION/apache-maven-$VERSION-bin.tar.gz
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
get "$file" > "$work/archive" || exit 1
for kind in 512 1; do sum=$(get "$file.sha$kind" 2>/dev/null) && break; done
sum=\${sum%%[[:space:]]*}
[ -n "$sum" ] || { echo 'the registry has no checksum of it' >&2; exit 1; }
[ "$("sha\${kind}sum" < "$work/archive" | cut -d ' ' -f 1)" = "$sum" ] || { echo 'its checksum is wrong' >&2; exit 1; }
tar -xzf "$work/archive" -C "$work" && mkdir -p "\${TO%/*}" || exit 1
if [ -f "$settings" ]; then cp "$settings" "$work/apache-maven-$VERSION/conf/settings.xml"; fi
mv "$work/apache-maven-$VERSION" "$TO"`

/**
 * Fetches the Maven that a build asks for if the sandbox has another one or none. What parents outside of the repository ask
 * for counts, too. It comes from the Maven registry, checked against the checksum there.
 *
 * @returns the environment, in which commands get that Maven, and a sentence that says so, or why there is none.
 *
 * @throws {SandboxError} when the sandbox is lost; `signal.reason` when the run is cancelled.
 */
export async function bringMaven(
  { sandbox, path: workspace }: { readonly sandbox: Sandbox; readonly path: string },
  { maven, environment }: Pick<EnvironmentPlan, 'maven' | 'environment'>,
  signal: AbortSignal,
): Promise<Pick<EnvironmentPlan, 'environment' | 'notices'>> {
  if (maven === undefined) return { environment, notices: [] }
  const inside = inEnvironment(sandbox, environment)
  const shared = { shell: 'agent', cwd: workspace, signal } as const
  const looked = inside.exec(LOOK, { ...shared, timeoutMs: POM_MS })
  const poms = [...maven.poms]
  for (let step = 0; step < MOST_PARENTS; step += 1) {
    const parent = poms.at(-1)?.parent
    if (parent === undefined) break
    const options = { ...shared, env: { POM: placeOf(parent) }, timeoutMs: POM_MS }
    const { exitCode, stdout } = await inside.exec(READ, { ...options, maxOutputBytes: MOST_POM_BYTES })
    if (exitCode !== 0) break
    poms.push(parsePom(stdout, `${parent.group}:${parent.artifact}:${parent.version}`))
  }
  const { stdout } = await looked
  signal.throwIfAborted()
  const has = /Apache Maven (\d[\w.-]*)/.exec(stdout)?.[1]
  // A Maven that does not say its version may be any.
  if (has === undefined && !/^java\n(?!mvn\n)/.test(stdout)) return { environment, notices: [] }
  const chosen = chooseMaven([...maven.wishes, ...wishesOfPoms(poms)], has)
  if (chosen === undefined) return { environment, notices: [] }
  const { version, unmet } = chosen
  const to = `${sandbox.home}/.backspace/maven/${version}`
  const env = { VERSION: version, TO: to }
  const { exitCode, stderr } = await inside.exec(BRING, { ...shared, env, timeoutMs: FETCH_MS })
  signal.throwIfAborted()
  const here = `the sandbox has ${has === undefined ? 'no Maven' : `only ${has}`}`
  const asks = unmet && `${inlineCode(unmet.source, 120)} asks for Maven ${inlineCode(unmet.wanted, 60)}`
  const why = asks === undefined ? capitalized(here) : `${asks}, and ${here}`
  if (exitCode === 0) {
    const message = `${why}. Commands of the project run with Maven ${version}, which was fetched for them.`
    const path = [`${to}/bin`, ...environment.path]
    return { environment: { ...environment, path }, notices: [{ level: 'info', message }] }
  }
  const said = stderr.trim().split('\n').at(-1) ?? ''
  const reason = said === '' ? '' : `: ${inlineCode(said, 200)}`
  const message = `${why}. Maven ${version} could not be fetched${reason}. A Maven wrapper in the repository, or a sandbox template with that version, brings it.`
  const unmetAll = [...environment.unmet, message]
  return { environment: { ...environment, unmet: unmetAll }, notices: [{ level: 'warning', message }] }
}

/** The path of a pom.xml in a Maven registry. */
function placeOf({ group, artifact, version }: PomParent): string {
  return `${group.replaceAll('.', '/')}/${artifact}/${version}/${artifact}-${version}.pom`
}
