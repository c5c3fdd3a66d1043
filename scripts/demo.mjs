// The original system's 14:30 story, played for real: four orchestrators in four clones, one build lock, a task
// queue, a crash and its recovery. Every line is what a real process printed.
import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
const say = (text = "") => console.log(text);
const chapter = (title) => say(`\n${paint("1", title)}`);

const folder = mkdtempSync(join(tmpdir(), "git-coord-demo-"));
const home = { HOME: folder, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: join(folder, "gitconfig") };
const git = (cwd, ...args) =>
  execFileSync("git", args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...home },
    stdio: ["ignore", "pipe", "ignore"],
  });

const windows = [];

/** Opens window `number`: a clone and a process that lives in it. */
function open(number, remote) {
  const clone = join(folder, `window${number}`);
  if (number > 1) git(folder, "clone", "--quiet", join(folder, "window1"), clone);
  if (remote) git(clone, "config", "coord.remote", remote);
  const child = fork(fileURLToPath(new URL("demo/window.mjs", import.meta.url)), {
    cwd: clone,
    env: { ...process.env, ...home, NO_COLOR: "1" },
  });
  const window = { number, child, id: null };
  windows.push(window);
  return window;
}

/** Types a command into a window, shows it and what came back, and insists on the exit code of the story. */
async function type(window, args, expected = 0) {
  const time = new Date().toISOString().slice(11, 19);
  const shown = args.map((arg) => (/[^\w./:=-]/.test(arg) ? `"${arg}"` : arg)).join(" ");
  say(`${paint("2", time)}  window ${window.number}  $ git coord ${shown}`);
  window.child.send({ args, env: window.id ? { COORD_ID: window.id } : {} });
  const [{ code, stdout, stderr }] = await once(window.child, "message");
  for (const line of `${stdout}${stderr}`.trimEnd().split("\n")) say(`${" ".repeat(20)}${line}`);
  if (code !== 0) say(`${" ".repeat(20)}${paint("33", `exit ${code}`)}`);
  if (code !== expected) throw new Error(`git coord ${shown}: expected exit ${expected}, got ${code}`);
  return stdout.trim();
}

async function join_(window) {
  window.id = await type(window, ["join", "--name", `agent${window.number}`]);
}

async function play() {
  git(folder, "config", "--file", join(folder, "gitconfig"), "user.name", "Demo");
  git(folder, "config", "--file", join(folder, "gitconfig"), "user.email", "demo@example.invalid");
  git(folder, "init", "--quiet", "--initial-branch=main", "window1");
  git(join(folder, "window1"), "commit", "--quiet", "--allow-empty", "-m", "A project");

  chapter("A repository with no server: the remote is embedded, and the queue is filled");
  const one = open(1);
  await type(one, ["init"]);
  await join_(one);
  await type(one, ["settings", "Clock tolerance", "1s"]);
  await type(one, ["add", "Build the engine", "-p", "1", "--area", "build"]);
  await type(one, ["add", "Write the docs", "--area", "docs"]);
  await type(one, ["add", "Test the physics", "--area", "testing"]);
  await type(one, ["add", "Fill in the world data", "--area", "world"]);
  await type(one, ["add", "Build the installer", "--area", "build", "--after", "T001"]);

  chapter("14:30:00  Window 1 claims the build task and takes the build lock");
  await type(one, ["claim", "T001", "--lock", "build", "-f", "src/engine/"]);

  chapter("14:30:05  Window 2 sees both taken, and goes on to the docs");
  const remote = join(folder, "window1", ".git", "coord", "embedded.git");
  const two = open(2, remote);
  await join_(two);
  await type(two, ["claim", "T001"], 3);
  await type(two, ["lock", "build"], 3);
  await type(two, ["claim", "--next"]);

  chapter("14:30:10  Window 3 takes the next one; nobody can lock a file below a locked folder");
  const three = open(3, remote);
  await join_(three);
  await type(three, ["claim", "--next", "-f", "src/physics/collision.cpp"]);
  await type(three, ["lock", "-f", "src/engine/main.cpp"], 3);

  chapter("14:32:00  Window 1 has built: its locks go back with the task, and T005 becomes ready");
  await type(one, ["done", "T001", "-m", "cmake: 214 targets"]);
  await type(one, ["claim", "T004"]);

  chapter("14:32:05  Window 4 starts, sees the build lock free, and builds");
  const four = open(4, remote);
  await join_(four);
  await type(four, ["claim", "T005"]);
  await type(four, ["lock", "build", "--ttl", "3s", "--reason", "installer"]);

  chapter("A crash: window 4 is killed with kill -9 while it holds the build lock");
  four.child.kill("SIGKILL");
  await once(four.child, "exit");
  say(`${" ".repeat(20)}window 4 is gone (pid ${four.child.pid})`);
  await type(one, ["lock", "build"], 3);
  say(`${" ".repeat(20)}… the lease runs out, and the clocks' tolerance with it`);
  await sleep(5000);
  await type(one, ["lock", "build"]);
  await type(one, ["break", "T005", "--reason", "window 4 crashed", "--force"]);
  await type(two, ["done", "T002"]);
  await type(two, ["claim", "--next"]);
  await type(one, ["unlock", "build"]);

  chapter("The board, as everybody reads it");
  say(await capture(one, ["board"]));
  chapter("Who held what: git log of the coordination branch");
  say(git(remote, "log", "--format=%h  %<(16,trunc)%an  %s", "coordination").trimEnd());
}

async function capture(window, args) {
  window.child.send({ args, env: { COORD_ID: window.id } });
  const [{ stdout }] = await once(window.child, "message");
  return stdout.trimEnd();
}

try {
  await play();
} catch (error) {
  console.error(`\nthe story went wrong: ${error.message}`);
  process.exitCode = 1;
} finally {
  for (const { child } of windows) if (child.connected) child.disconnect();
  rmSync(folder, { recursive: true, force: true });
}
