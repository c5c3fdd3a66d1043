/** The look of the page. Bars stand in percent of a track, so that zooming is one number. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#24292f;--soft:#57606a;--line:#d0d7de;--ground:#fff;--row:#f6f8fa;--lightness:42%}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#30363d;--ground:#0d1117;--row:#151b23;--lightness:48%}}
body{margin:0;font:14px/1.4 system-ui,sans-serif;color:var(--ink);background:var(--ground)}
header,main{padding:0 1.2rem}h1{font-size:1.4rem;margin:1rem 0 .2rem}header p{margin:.2rem 0;color:var(--soft)}
form{display:flex;gap:2rem;margin:.8rem 0}input[type=range]{width:16rem;vertical-align:middle}
.legend span{display:inline-block;padding:0 .5em;margin:.1em 0;border-radius:3px;color:#fff;background:hsl(var(--hue) 55% var(--lightness))}
.legend i{display:inline-block;width:1.4em;height:.8em;margin-left:1em;background:var(--line)}
summary{cursor:pointer;font-weight:600;font-size:1.05rem;padding:.5rem 0}small{color:var(--soft);font-weight:400}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:6px}
.wide{width:calc(14rem + (100% - 14rem)*var(--zoom,1));min-width:100%}
.lane{display:flex;height:24px;align-items:center}.lane:nth-child(even){background:var(--row)}
.lane b{position:sticky;left:0;z-index:2;flex:0 0 14rem;box-sizing:border-box;padding:0 .7rem;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;font-weight:400;background:inherit;background-color:var(--ground)}
.track{position:relative;flex:1;height:100%}
.track span{position:absolute;top:3px;height:18px;min-width:2px;box-sizing:border-box;border-radius:3px;overflow:hidden;white-space:nowrap;font-size:11px;line-height:18px;text-indent:4px;color:#fff;background:hsl(var(--hue) 55% var(--lightness))}
.track span:hover{outline:2px solid var(--ink);z-index:1}
.track .wait,.legend i.wait{opacity:.45;background:repeating-linear-gradient(135deg,hsl(var(--hue,210) 55% 60%) 0 4px,transparent 4px 8px);color:var(--ink)}
.track .open{border-top-right-radius:0;border-bottom-right-radius:0;border-right:3px dotted var(--ground)}
.track .taken,.legend i.taken{border-right:4px solid #cf222e}
.track .broken,.legend i.broken{border-right:4px double #cf222e}
.track .expired,.legend i.expired{border-right:3px solid #bf8700}
.axis .track span{top:0;background:none;color:var(--soft);border-left:1px solid var(--line);border-radius:0;overflow:visible}
.hidden{display:none}
`;

/** Zooming and filtering; the page can be read without. */
export const SCRIPT = `
const zoom=document.getElementById("zoom"),filter=document.getElementById("filter");
zoom.addEventListener("input",()=>{
  const boxes=[...document.querySelectorAll(".scroll")].map(b=>[b,(b.scrollLeft+b.clientWidth/2)/b.scrollWidth]);
  document.documentElement.style.setProperty("--zoom",String(2**Number(zoom.value)));
  for(const [b,middle] of boxes)b.scrollLeft=middle*b.scrollWidth-b.clientWidth/2;
});
filter.addEventListener("input",()=>{
  const wanted=filter.value.toLowerCase();
  for(const lane of document.querySelectorAll(".lane:not(.axis)"))
    lane.classList.toggle("hidden",!(lane.textContent||"").toLowerCase().includes(wanted));
});
document.querySelector("form").addEventListener("submit",event=>event.preventDefault());
`;
