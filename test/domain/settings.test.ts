import { describe, expect, test } from "vitest";
import { EMPTY_BOARD } from "../../src/domain/board.ts";
import {
  initialSettings,
  listSettings,
  readSetting,
  readSettings,
  SETTINGS,
  settingNamed,
  withSetting,
} from "../../src/domain/settings.ts";
import { ana, eve, HOUR, join, MINUTE, Scene, SECOND, set } from "./scene.ts";

const board = (name: string, value: string) => ({ ...EMPTY_BOARD, settings: [{ name, value }] });

describe("the settings of a board", () => {
  test("have defaults where the board says nothing", () => {
    expect(readSettings(EMPTY_BOARD)).toEqual({
      buildLockTime: 10 * MINUTE,
      lockTime: 10 * MINUTE,
      fileLockTime: 5 * MINUTE,
      sessionTime: 15 * MINUTE,
      longestHold: 8 * HOUR,
      handOverGrace: 20 * SECOND,
      clockTrust: "synced",
      clockTolerance: 30 * SECOND,
      completedShown: 20,
      strict: false,
      requireIdentity: false,
      whenUnsure: "allow",
      boardAge: MINUTE,
      pushBudget: null,
    });
    expect(readSettings({ ...EMPTY_BOARD, settings: initialSettings() })).toEqual(readSettings(EMPTY_BOARD));
  });

  test("are found whatever their case, and read with spaces around", () => {
    expect(settingNamed(" build LOCK time ")).toBe("buildLockTime");
    expect(settingNamed("buildLockTime")).toBeNull();
    expect(readSettings(board("STRICT ", " Yes ")).strict).toBe(true);
    expect(readSettings(board("clock trust", "NONE")).clockTrust).toBe("none");
    expect(readSettings(board("Lock time", " 90s ")).lockTime).toBe(90 * SECOND);
    expect(readSettings(board("push budget", " 6/MIN ")).pushBudget).toBe(6);
    expect(readSettings(board("Push budget", "none")).pushBudget).toBeNull();
  });

  test("are none where their cell is empty, which people write as none or -, and the default where there is no none", () => {
    expect(readSettings(board("Push budget", "")).pushBudget).toBeNull();
    expect(readSettings(board("Clock trust", " ")).clockTrust).toBe("none");
    expect(readSettings(board("Lock time", "")).lockTime).toBe(10 * MINUTE);
  });

  test.each([
    ["lockTime", "10abc"],
    ["lockTime", "0s"],
    ["sessionTime", ""],
    ["clockTrust", "maybe"],
    ["strict", "1"],
    ["completedShown", "0"],
    ["completedShown", "10001"],
    ["completedShown", "1e3"],
    ["pushBudget", "6"],
    ["pushBudget", "0/min"],
    ["pushBudget", "6/h"],
    ["pushBudget", "1e1/min"],
    ["pushBudget", "1000/min"],
  ] as const)("%s cannot be %j", (key, text) => {
    expect(readSetting(SETTINGS[key].name, text)).toMatchObject({ ok: false });
    expect(readSettings(board(SETTINGS[key].name, text))[key]).toEqual(SETTINGS[key].initial);
  });

  test("are listed with what they mean", () => {
    const lines = listSettings(board("Lock time", "90s"));
    expect(lines.find(({ name }) => name === "Lock time")).toMatchObject({ value: "1m30s" });
    expect(lines.every(({ meaning }) => meaning !== "")).toBe(true);
  });

  test("are changed in place, or added at the end", () => {
    const rows = [
      { name: "lock TIME", value: "1m" },
      { name: "House rule", value: "be kind" },
    ];
    expect(withSetting(rows, "Lock time", "2m")).toEqual([{ name: "lock TIME", value: "2m" }, rows[1]]);
    expect(withSetting(rows, "Strict", "yes")).toEqual([...rows, { name: "Strict", value: "yes" }]);
  });
});

describe("changing a setting", () => {
  test("is granted once, and already so the second time", () => {
    const scene = new Scene();
    expect(scene.grant(ana, set("build lock time", " 1H ")).setting).toEqual({ name: "Build lock time", value: "1h" });
    scene.unchanged(ana, set("Build lock time", "1h"));
    expect(readSettings(scene.board).buildLockTime).toBe(60 * MINUTE);
  });

  test("is already so where the cell is empty and none is asked for", () => {
    const scene = new Scene(board("Push budget", ""));
    expect(scene.unchanged(ana, set("push budget", "NONE")).setting).toEqual({ name: "Push budget", value: "none" });
    scene.grant(ana, set("Push budget", "6/min"));
    scene.grant(ana, set("Push budget", "none"));
    expect(readSettings(scene.board).pushBudget).toBeNull();
  });

  test("is refused for a name or a value that nobody knows", () => {
    const scene = new Scene();
    expect(scene.refused(ana, set("Colour", "red"), "no_such_setting").name).toBe("Colour");
    expect(scene.refused(ana, set("Strict", "perhaps"), "bad_setting").expected).toBe("one of no, yes");
    scene.refused(ana, set("Push budget", ""), "bad_setting");
    scene.refused(ana, set("Lock time", ""), "bad_setting");
    scene.refused(ana, set("Archived tasks", "T1 to T9"), "no_such_setting");
  });

  test("registers nobody, but is a sign of life of whoever has joined", () => {
    const scene = new Scene();
    scene.grant(ana, join);
    scene.later(MINUTE);
    scene.grant(ana, set("Strict", "yes"));
    expect(scene.row("ana")?.lastSeen).toBe(scene.at);
    scene.grant(eve, set("Strict", "no"));
    expect(scene.row("eve")).toBeUndefined();
  });
});
