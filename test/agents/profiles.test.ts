import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Project, project } from "./project.ts";

const STORAGE = {
  roo: "rooveterinaryinc.roo-cline",
  zoo: "zoocodeorganization.zoo-code",
  kilo: "kilocode.kilo-code",
} as const;

const mode = (slug: string, name = slug) =>
  `  - slug: ${slug}\n    name: ${name}\n    roleDefinition: r\n    groups: [read]\n`;
const SOURCE = `customModes:\n${mode("lead", "Lead")}${mode("worker", "Worker")}`;

interface Profiles extends Project {
  readonly root: string;
  fileOf(number: number, tool?: keyof typeof STORAGE): string;
  put(file: string, text: string): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: a document is looked at field by field
  sync(count: number, ...more: string[]): Promise<any>;
}

async function profiles(): Promise<Profiles> {
  const all = await project();
  const root = join(all.sandbox.path, "profiles");
  await all.write(".roomodes", SOURCE);
  return {
    ...all,
    root,
    fileOf: (number, tool = "roo") =>
      join(root, `agent${number}`, "User", "globalStorage", STORAGE[tool], "settings", "custom_modes.yaml"),
    async put(file, text) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    },
    sync: (count, ...more) =>
      all.local("profiles", "sync", "--source", ".roomodes", "--count", String(count), "--root", root, ...more),
  };
}

const slugsIn = async (file: string) =>
  parse(await readFile(file, "utf8")).customModes.map(({ slug }: { slug: string }) => slug);

describe("profiles sync", () => {
  test("into 20 profiles, one with its user's modes, one broken, one read-only: each gets what is right", async () => {
    const { fileOf, put, sync, window, root } = await profiles();
    const own = `# Jo's modes\ncustomModes:\n${mode("jo")}  # was: Laed\n${mode("lead", "Laed")}`;
    const broken = "customModes:\n  - slug: a\n   name: b\n";
    const readOnly = `customModes:\n${mode("sam")}`;
    await put(fileOf(5), own);
    await put(fileOf(9), broken);
    await put(fileOf(13), readOnly);
    await chmod(fileOf(13), 0o444);

    const synced = await sync(20);
    expect(synced).toMatchObject({ exit: 6, code: "environment", message: expect.stringContaining("2 of 20") });
    const of = (number: number) => synced.files[number - 1];
    expect(of(5)).toMatchObject({ change: "updated", added: ["worker"], updated: ["lead"], kept: ["jo"] });
    expect(of(9)).toMatchObject({
      change: "failed",
      path: fileOf(9),
      problems: [expect.stringMatching(/^line 3: it is no YAML/)],
    });
    expect(of(13)).toMatchObject({ change: "failed", path: fileOf(13), problems: ["it is read-only"] });
    const others = synced.files.filter((_: unknown, index: number) => ![5, 9, 13].includes(index + 1));
    expect(others).toHaveLength(17);
    for (const each of others) expect(each).toMatchObject({ change: "created", added: ["lead", "worker"], kept: [] });

    expect(await readFile(fileOf(5), "utf8")).toBe(
      `# Jo's modes\ncustomModes:\n${mode("jo")}  # was: Laed\n${mode("lead", "Lead").replace("[read]", "\n      - read")}${mode("worker", "Worker").replace("[read]", "\n      - read")}`.replaceAll(
        "groups: \n",
        "groups:\n",
      ),
    );
    expect(await readFile(fileOf(9), "utf8")).toBe(broken);
    expect(await readFile(fileOf(13), "utf8")).toBe(readOnly);
    expect(await slugsIn(fileOf(20))).toEqual(["lead", "worker"]);
    expect(await readdir(dirname(fileOf(20)))).toEqual(["custom_modes.yaml"]);

    const { stdout, stderr, exit } = await window.run(
      "profiles",
      "sync",
      "--source",
      ".roomodes",
      "--count",
      "20",
      "--root",
      root,
    );
    expect(exit).toBe(6);
    expect(stdout).toMatch(/agent5 +unchanged/);
    expect(stdout).toMatch(/agent9 +FAILED .*no YAML/);
    expect(stdout).toMatch(/agent13 +FAILED .*read-only/);
    expect(stderr).toContain("2 of 20");
  });

  test("at one go, however many modes the source has", async () => {
    const { write, sync } = await profiles();
    const slugs = Array.from({ length: 2000 }, (_, index) => `m${index}`);
    await write(".roomodes", `customModes:\n${slugs.map((slug) => mode(slug)).join("")}`);
    expect((await sync(1)).files).toMatchObject([{ change: "created", added: slugs }]);
    expect((await sync(1)).files).toMatchObject([{ change: "unchanged", unchanged: slugs }]);
  });

  test("does nothing the second time", async () => {
    const { sync } = await profiles();
    expect(await sync(2)).toMatchObject({ exit: 0, files: [{ change: "created" }, { change: "created" }] });
    expect(await sync(3)).toMatchObject({
      exit: 0,
      files: [{ change: "unchanged" }, { change: "unchanged" }, { change: "created" }],
    });
  });

  test("touches no profile when a mode of the source is bad, and names it", async () => {
    const { sync, write, root, window } = await profiles();
    await write(".roomodes", `${SOURCE}  - slug: "no good"\n    name: x\n    roleDefinition: r\n    groups: [reed]\n`);
    const refused = await sync(3);
    expect(refused).toMatchObject({ exit: 2, code: "usage" });
    expect(refused.problems.join()).toMatch(/mode "no good": slug: .*mode "no good": groups.*"reed"/);
    expect(await readdir(dirname(root))).not.toContain("profiles");
    expect(
      (await window.run("profiles", "sync", "--source", "nowhere", "--count", "1", "--root", root)).stderr,
    ).toContain("there is no such file");
    await write(".roomodes", "customModes: []\n");
    expect(await sync(1)).toMatchObject({ exit: 2 });
  });

  test("leaves a profile alone in which a mode would be dropped anyway", async () => {
    const { sync, put, fileOf } = await profiles();
    const bad = `customModes:\n${mode("jo").replace("read", "reed")}${mode("jo")}`;
    await put(fileOf(1), bad);
    expect(await sync(1)).toMatchObject({
      exit: 6,
      files: [{ change: "failed", problems: [expect.stringContaining('mode "jo": groups')] }],
    });
    expect(await readFile(fileOf(1), "utf8")).toBe(bad);
  });

  test("goes where the profile's settings say that the extension keeps its files", async () => {
    const { sync, put, root, sandbox, fileOf } = await profiles();
    const custom = join(sandbox.path, "elsewhere é");
    await put(
      join(root, "agent1", "User", "settings.json"),
      `{\n  // mine\n  "roo-cline.customStoragePath": ${JSON.stringify(custom)},\n}`,
    );
    await put(join(root, "agent2", "User", "settings.json"), '{"roo-cline.customStoragePath": "relative"}');
    await put(join(root, "agent3", "User", "settings.json"), "{ oops");
    const { files } = await sync(3);
    expect(files).toMatchObject([
      { change: "created", path: join(custom, "settings", "custom_modes.yaml") },
      { change: "failed", problems: [expect.stringContaining("not absolute")] },
      { change: "failed", problems: [expect.stringContaining("settings.json")] },
    ]);
    expect(await slugsIn(join(custom, "settings", "custom_modes.yaml"))).toEqual(["lead", "worker"]);
    await expect(readFile(fileOf(1))).rejects.toThrow("ENOENT");
  });

  test.each(["custom_modes.json", "cline_custom_modes.json"])(
    "takes the modes over from %s, and leaves that file",
    async (name) => {
      const { sync, put, fileOf } = await profiles();
      const older = JSON.stringify({
        customModes: [{ slug: "jo", name: "Jo", roleDefinition: "r", groups: ["read"] }],
      });
      const path = join(dirname(fileOf(1)), name);
      await put(path, older);
      expect(await sync(1)).toMatchObject({
        exit: 0,
        files: [{ change: "updated", migrated: path, kept: ["jo"], added: ["lead", "worker"] }],
      });
      expect(await readFile(fileOf(1), "utf8")).toMatch(/^customModes:\n {2}- slug: jo\n/);
      expect(await slugsIn(fileOf(1))).toEqual(["jo", "lead", "worker"]);
      expect(await readFile(path, "utf8")).toBe(older);
    },
  );

  test.each(["zoo", "kilo"] as const)("knows where %s keeps its modes", async (tool) => {
    const { sync, fileOf } = await profiles();
    await sync(1, "--tool", tool);
    expect(await slugsIn(fileOf(1, tool))).toEqual(["lead", "worker"]);
  });

  test("refuses a count or a tool that there is not", async () => {
    const { window } = await profiles();
    for (const wrong of [["--count", "0"], ["--count", "1e3"], ["--count", "2", "--tool", "emacs"], []]) {
      const { exit } = await window.run("profiles", "sync", "--source", ".roomodes", ...wrong);
      expect({ wrong, exit }).toEqual({ wrong, exit: 2 });
    }
  });
});
