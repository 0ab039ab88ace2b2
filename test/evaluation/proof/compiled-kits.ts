import { apart, type Kit, type Look, SOCKET } from './kit.ts'

/** A build cache with the packages of tests: without it each sandbox compiles these for seconds. */
const GO_CACHE = process.env.ORACLES_GO
/** A toolchain of Rust that every sandbox sees. */
const RUST_HOME = process.env.ORACLES_RUST

const GO: Readonly<Record<Look, string>> = {
  adds: 'if Add(1, 2) != 3 { t.Fatal("not 3") }',
  halves: 'if Half(4) != 2 { t.Fatal("not 2") }',
  multiplies: 'if Times(2, 3) != 6 { t.Fatal("not 6") }',
  always: 'if Times(1, 1) < 0 { t.Fatal("negative") }',
  hangs: 'time.Sleep(600 * time.Second)',
  flaky:
    '_, err := os.Stat("generated"); os.MkdirAll("generated", 0o755); if err != nil { t.Fatal("not seen") }',
  environment: 'if os.Getenv("ORACLE") != "yes" { t.Fatal("not set") }',
  server: `if _, err := net.Dial("unix", "${SOCKET}"); err != nil { t.Fatal(err) }`,
  ignored: 'if _, err := os.Stat("generated/answer"); err != nil { t.Fatal(err) }',
  submodule: 'if _, err := os.Stat("lib/answer"); err != nil { t.Fatal(err) }',
}
const goTest: Kit['test'] = (name, look, skipped = false) => ({
  path: `${name}_test.go`,
  text: `package sums

import (
	"net"
	"os"
	"testing"
	"time"
)

var _, _, _ = net.Dial, os.Stat, time.Sleep

func Test${name.slice(0, 1).toUpperCase()}${name.slice(1)}(t *testing.T) {
	${skipped ? 't.Skip("later")\n\t' : ''}${GO[look]}
}
`,
})

const RUST: Readonly<Record<Look, string>> = {
  adds: 'assert_eq!(sums::add(1, 2), 3)',
  halves: 'assert_eq!(sums::half(4), 2)',
  multiplies: 'assert_eq!(sums::times(2, 3), 6)',
  always: 'let _ = sums::times(1, 1);',
  hangs: 'std::thread::sleep(std::time::Duration::from_secs(600))',
  flaky:
    'let seen = std::path::Path::new("generated").exists(); std::fs::create_dir_all("generated").unwrap(); assert!(seen)',
  environment: 'assert_eq!(std::env::var("ORACLE").unwrap(), "yes")',
  server: `std::os::unix::net::UnixStream::connect("${SOCKET}").unwrap();`,
  ignored: 'assert!(std::path::Path::new("generated/answer").exists())',
  submodule: 'assert!(std::path::Path::new("lib/answer").exists())',
}
const rustTest: Kit['test'] = (name, look, skipped = false) => ({
  path: `tests/${name}.rs`,
  text: `#[test]\n${skipped ? '#[ignore]\n' : ''}fn ${name}() {\n    ${RUST[look]}\n}\n`,
})

const JAVA: Readonly<Record<Look, string>> = {
  adds: 'assertEquals(3, Sums.add(1, 2));',
  halves: 'assertEquals(2, Sums.half(4));',
  multiplies: 'assertEquals(6, Sums.times(2, 3));',
  always: 'assertEquals(1, 1);',
  hangs: 'Thread.sleep(600_000);',
  flaky:
    'boolean seen = Files.exists(Path.of("generated")); Files.createDirectories(Path.of("generated")); assertEquals(true, seen);',
  environment: 'assertEquals("yes", System.getenv("ORACLE"));',
  server: `SocketChannel.open(UnixDomainSocketAddress.of("${SOCKET}")).close();`,
  ignored: 'assertEquals(true, Files.exists(Path.of("generated/answer")));',
  submodule: 'assertEquals(true, Files.exists(Path.of("lib/answer")));',
}
const javaTest: Kit['test'] = (name, look, skipped = false) => {
  const type = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Test`
  return {
    path: `src/test/java/${type}.java`,
    text: `import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

class ${type} {
    ${skipped ? '@Disabled ' : ''}@Test
    void ${name}() throws Exception {
        ${JAVA[look]}
    }
}
`,
  }
}
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.example</groupId>
  <artifactId>sums</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.source>17</maven.compiler.source>
    <maven.compiler.target>17</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.junit.jupiter</groupId>
      <artifactId>junit-jupiter</artifactId>
      <version>5.10.2</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <artifactId>maven-surefire-plugin</artifactId>
        <version>3.2.5</version>
      </plugin>
    </plugins>
  </build>
</project>
`

function functions(write: (name: string, args: readonly string[], value: string) => string): string {
  const all = [
    write('add', ['a', 'b'], 'a - b'),
    write('half', ['a'], 'a * 2'),
    write('times', ['a', 'b'], 'a * b'),
  ]
  return all.join(`\n${apart('// apart')}\n`)
}

function filesOf(files: Readonly<Record<string, string>>, test: ReturnType<Kit['test']>, checks: string) {
  return {
    '.github/backspace.yml': `checks: ${checks}\n`,
    '.gitignore': 'target/\ngenerated/\n',
    [test.path]: test.text,
    ...files,
  }
}

export const COMPILED_KITS: readonly Kit[] = [
  {
    name: 'Go',
    files: filesOf(
      {
        'go.mod': 'module example.org/sums\n\ngo 1.21\n',
        'sums.go': `package sums\n\n${functions((name, args, value) => `func ${name.slice(0, 1).toUpperCase()}${name.slice(1)}(${args.join(', ')} int) int {\n\treturn ${value}\n}\n`)}`,
      },
      goTest('times', 'multiplies'),
      `go test ./...${GO_CACHE === undefined ? '' : `\nsetup: test -d ~/.cache/go-build || { mkdir -p ~/.cache; cp -r ${GO_CACHE} ~/.cache/go-build; }`}`,
    ),
    source: 'sums.go',
    test: goTest,
    forged: {
      home: `mkdir -p ~/.config/go; printf 'GOFLAGS=-run=nothing\\n' > ~/.config/go/env`,
      programs: ['go'],
    },
    configuration: `printf 'package sums\\n\\nimport (\\n\\t"os"\\n\\t"testing"\\n)\\n\\nfunc TestMain(m *testing.M) { os.Exit(0) }\\n' > main_test.go`,
  },
  {
    name: 'Rust',
    files: filesOf(
      {
        'Cargo.toml': '[package]\nname = "sums"\nversion = "0.1.0"\nedition = "2021"\n',
        'src/lib.rs': functions(
          (name, args, value) =>
            `pub fn ${name}(${args.map((arg) => `${arg}: i32`).join(', ')}) -> i32 {\n    ${value}\n}\n`,
        ),
      },
      rustTest('times', 'multiplies'),
      `${RUST_HOME === undefined ? '' : `PATH=${RUST_HOME}/bin:$PATH `}cargo test --offline\nsetup: []`,
    ),
    source: 'src/lib.rs',
    test: rustTest,
    forged: {
      home: `mkdir -p ~/.cargo; printf '[target.x86_64-unknown-linux-gnu]\\nrunner = "true"\\n' > ~/.cargo/config.toml`,
      programs: ['cargo', 'rustc'],
    },
    configuration: `mkdir -p .cargo; printf '[target.x86_64-unknown-linux-gnu]\\nrunner = "true"\\n' > .cargo/config.toml`,
  },
  {
    name: 'Java (Maven)',
    files: filesOf(
      {
        'pom.xml': POM,
        '.mvn/maven.config': `-o\n-Dmaven.repo.local=${process.env.ORACLES_MAVEN}\n`,
        'src/main/java/Sums.java': `class Sums {\n${functions(
          (name, args, value) =>
            `    static int ${name}(${args.map((arg) => `int ${arg}`).join(', ')}) {\n        return ${value};\n    }\n`,
        )}}\n`,
      },
      javaTest('times', 'multiplies'),
      'mvn test',
    ),
    source: 'src/main/java/Sums.java',
    test: javaTest,
    forged: {
      home: `mkdir -p ~/.m2; echo 'MAVEN_OPTS=-DskipTests' > ~/.mavenrc
echo '<settings><profiles><profile><id>a</id><properties><skipTests>true</skipTests></properties></profile></profiles><activeProfiles><activeProfile>a</activeProfile></activeProfiles></settings>' > ~/.m2/settings.xml`,
      programs: ['mvn', 'java'],
    },
    configuration: `sed -i 's#<version>3.2.5</version>#&<configuration><testFailureIgnore>true</testFailureIgnore><skipTests>true</skipTests></configuration>#' pom.xml`,
    // To start Maven takes some of it.
    checkMinutes: 1,
    needs: 'ORACLES_MAVEN',
  },
]
