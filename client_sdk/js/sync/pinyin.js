// Names as they sound: how a doctor who hears 王秀兰 or types `wxl` finds her, however her name was written. Tones are left out;
// ü is written v. The browser's own collation knows the readings: it sorts characters by syllable, and the first of each
// syllable tells where it begins.

// Of every syllable a character before which the collation of ICU 70 and of each since (Chrome 100) has none of that syllable.
const BOUNDARIES =
  "a阿ai哎an安ang肮ao凹ba丷bai挀ban扳bang邦bao勹bei卑ben奔beng伻bi屄bian边biao灬bie憋bin汃bing冫bo癶bu峬ca嚓cai偲can参cang仓cao撡ce冊cen嵾ceng曽cha叉" +
  "chai芆chan辿chang伥chao抄che车chen抻cheng阷chi吃chong充chou抽chu出chuai揣chuan巛chuang刅chui吹chun旾chuo逴ci呲cong匆cou凑cu粗cuan汆cui崔cun邨" +
  "cuo搓da咑dai呆dan丹dang当dao刀de嘚den扥deng灯di氐dian敁diao刁die爹ding丁diu丟dong东dou吺du厾duan耑dui垖dun吨duo多e妸ei诶en奀eng鞥er儿fa发fan帆fang匚" +
  "fei飞fen分feng丰fiao覅fo仏fou紑fu夫ga旮gai侅gan甘gang冈gao皋ge戈gei给gen根geng刯gong工gou勾gu估gua瓜guai乖guan关guang光gui归gun丨guo呙ha哈hai咍" +
  "han佄hang夯hao茠he诃hei黒hen拫heng亨hm噷hong叿hou齁hu乎hua花huai怀huan欢huang巟hui灰hun昏huo吙ji丌jia加jian戋jiang江jiao艽jie阶jin巾jing坕jiong冂" +
  "jiu丩ju凥juan姢jue噘jun军ka咔kai开kan刊kang忼kao尻ke匼ken肎keng劥kong空kou抠ku扝kua夸kuai蒯kuan宽kuang匡kui亏kun坤kuo扩la垃lai来lan兰lang啷lao捞" +
  "le仂lei勒leng崚li哩lia俩lian奁liang良liao撩lie毟lin拎ling伶liu溜lo囖long龙lou瞜lu噜lv驴luan娈lve掠lun抡luo啰m呣ma妈mai埋man嫚mang牤mao猫me嚒mei呅" +
  "men椚meng擝mi咪mian宀miao喵mie乜min民ming名miu谬mo摸mou哞mu毪na拏nai腉nan囡nang囔nao孬ne疒nei娞nen恁neng能ni妮nian拈niang娘niao鸟nie捏nin囜ning宁" +
  "niu妞nong农nou羺nu奴nv女nuan奻nve疟nun黁nuo郍o喔ou讴pa妑pai拍pan眅pang乓pao抛pei呸pen喷peng匉pi丕pian囨piao剽pie氕pin姘ping乒po钋pou剖pu仆qi七qia掐" +
  "qian千qiang呛qiao悄qie苆qin亲qing靑qiong卭qiu丘qu区quan奍que缺qun夋ran呥rang穣rao娆re惹ren人reng扔ri日rong戎rou厹ru邚rua挼ruan堧rui婑run瞤ruo捼" +
  "sa仨sai毢san三sang桒sao掻se閪sen森seng僧sha杀shai筛shan山shang伤shao弰she奢shen申sheng升shi尸shou収shu书shua刷shuai衰shuan闩shuang双shui脽" +
  "shun吮shuo说si厶song忪sou凁su苏suan狻sui夊sun孙suo唆ta他tai囼tan坍tang汤tao夲te忑teng熥ti剔tian天tiao旫tie帖ting厅tong囲tou偷tu凸tuan湍tui推tun吞" +
  "tuo乇wa屲wai歪wan弯wang尣wei危wen昷weng翁wo挝wu乌xi夕xia虲xian仙xiang乡xiao灱xie些xin心xing星xiong凶xiu休xu吁xuan吅xue削xun坃ya丫yan恹yang央yao幺" +
  "ye倻yi一yin囙ying应yo哟yong佣you优yu込yuan囦yue曰yun晕za帀zai災zan兂zang匨zao傮ze则zei贼zen怎zeng増zha扎zhai夈zhan枬zhang张zhao佋zhe蜇zhen贞" +
  "zheng凧zhi之zhong中zhou州zhu朱zhua抓zhuai拽zhuan专zhuang妆zhui隹zhun宒zhuo拙zi乲zong宗zou邹zu租zuan钻zui厜zun尊zuo昨";

// What one of these collations sorts under another syllable than the server reads (sync/pinyin_table.py), or not at all.
const OTHERWISE =
  "a嗄錒an鿷ao鿫ba鲌鿱bai擘bang棓bei陂biao蔈bie咇bu鈈鿻can孱掺cen梣chang玚chi坻chong埫chou婤chu柷鸀chua欻歘chuai嘬chuan圌chui椎chuo婥婼ci堲cu酢cuo酂da阘" +
  "dan鿕dao焘di地dian甸die嗲ding铤dong鿴du碡dui镦duo柁e鋨阏er佴fan蕃fen瞓ga伽呷釓gan咁扞gang鿍ge纥鉻鿔gong唝gua聒gui傀廆氿炔han阚鿰hang珩hu隺hua枠hui珲huo砉" +
  "ji诘jia叚袷鿼jie杢ju桔菹jue噱ke咳ken龈kui隗lang鿶鿾lao橑潦鿲le肋li峛釐liang鿄鿌lu輅luan龻luo罗ma唛嬷mai鿏鿺mao鉚mi麿鿹min碈黾n嗯ni妳鿭nian辗pan蹒pang厖彷pi芘" +
  "ping淜pu埔qi呇綮qian伣孅qie癿qiong芎rong茸se洓shai酾shan掞鿃shi似豉shou龵shui谁sui葰ta溚鿎tang饧te螣tian鿬tou钭tuo拓鿳鿸wan妧wang龬wei亹硊wu呒xian硍" +
  "xing鿿xun窨ya吖ye堨楪yi欹you尢yu圫峿薁yue噦zai仔zhan嶦龪zhe鍺zhen帧湞瑱zheng徵鿇zhi茋鿵zhong穜zhu簗著zhuai跩zhuang漴zhuo卓zou龰";

const UNREAD = /[^一-龥]|[兙兡嗧桛烪瓧瓰瓱瓼甅]/; // nobody says how these are read
// Read so in names, where the usual reading is that of other words.
const IN_NAMES = "chang长長sheng晟zhuo琢jun隽du都bu卜bo薄";

// Read so as a surname, in the first place of a name.
const AS_SURNAMES =
  "shan单單xie解qiu仇zha查zeng曾ou区區piao朴ge盖蓋miao缪繆zhai翟祭qin覃yue乐樂xian洗shao召chong种yun员員po繁she折bi秘" +
  "zang藏kan阚gou句nai佴nie乜nian粘shuai率yao么";

// Surnames of two characters that are read otherwise than their characters alone.
const COMPOUND = "yu.chi尉迟yu.chi尉遲zhang.sun长孙zhang.sun長孫mo.qi万俟chan.yu单于chan.yu單于tan.tai澹台";

/** @param {string} text `syllable characters` without a space @returns {[syllable: string, characters: string][]} */
const pairs = (text) => Array.from(text.matchAll(/([a-z.]+)([^a-z]+)/g), ([, syllable, characters]) => [syllable, characters]);
/** @param {string} text @returns {[string, string][]} */
const byCharacter = (text) => pairs(text).flatMap(([syllable, several]) => Array.from(several, (one) => [one, syllable]));

/** @type {Intl.Collator|undefined} made with the first name that is read: that takes a slow phone a tenth of a second */
let collator;
const boundaries = pairs(BOUNDARIES);
const readings = new Map([...byCharacter(OTHERWISE), ...byCharacter(IN_NAMES)]); // and what was looked up
const surnames = new Map(byCharacter(AS_SURNAMES));
const compound = new Map(pairs(COMPOUND).map(([read, surname]) => [surname, read.split(".")]));

/** @param {string} piece one character, or letters */
function reading(piece) {
  const known = readings.get(piece);
  if (known || UNREAD.test(piece)) return known ?? piece;
  collator ??= new Intl.Collator("zh-Hans-CN-u-co-pinyin");
  let first = 0;
  let end = boundaries.length;
  while (end - first > 1) {
    const middle = (first + end) >> 1;
    if (collator.compare(boundaries[middle][1], piece) <= 0) first = middle;
    else end = middle;
  }
  readings.set(piece, boundaries[first][0]);
  return boundaries[first][0];
}

/** A name as it is read: 单秀兰 is ["shan", "xiu", "lan"], "Lü 女" is ["lv", "nv"]. @param {string} name */
export function syllables(name) {
  const pieces = bare(name).match(/[a-z0-9]+|[\p{L}\p{N}]/gu) ?? [];
  const both = pieces.length > 2 ? compound.get(pieces[0] + pieces[1]) : undefined;
  const first = both ?? pieces.slice(0, 1).map((one) => surnames.get(one) ?? reading(one));
  return [...first, ...pieces.slice(first.length).map(reading)];
}

/** The syllables in one word: `wangxiulan`. Equal for names that sound alike. @param {string} name */
export const pinyin = (name) => syllables(name).join("");

/** The first letter of each syllable: `wxl`. @param {string} name */
export const initials = (name) => syllables(name).map((syllable) => String.fromCodePoint(syllable.codePointAt(0) ?? 0)).join("");

/** Text as it is compared: half-width, no case (ß is ss, ς is σ; ı is no i). @param {string} text */
export function folded(text) {
  const fold = (/** @type {string} */ c) => (c === "ı" ? c : c.toLowerCase().toUpperCase().toLowerCase());
  return text.normalize("NFKC").replace(/\p{L}|\p{M}/gu, fold);
}

/** Without marks on letters; ü is v. @param {string} text */
function bare(text) {
  const apart = folded(text).normalize("NFD").replace(/\p{M}/gu, (mark) => (mark === "\u0308" || !combines(mark) ? mark : ""));
  return apart.replaceAll("u\u0308", "v").replaceAll("\u0308", "");
}

/** True for a mark that changes places with others, and is no letter of its own. @param {string} mark */
const combines = (mark) => mark === "\u0345" || !`\u0345${mark}`.normalize("NFD").startsWith("\u0345");
