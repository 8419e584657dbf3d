"""The words of plans: what is done, what it is done to, and the kind of project that makes it.

Tables of general words only: no place and no county stands here. A word that is none of these,
where a place is expected, is read as a name.
"""

from __future__ import annotations

import re
from functools import cache

# Kind of project → words that tell it, as in the codes of the layer ``projects``.
KINDS: dict[str, str] = {
    "relocation": "易地搬迁 易地扶贫搬迁 搬迁安置 安置点 安置区 搬迁",
    "forest_ranger": "护林员",
    "river_keeper": "护河员",
    "cleaner": "保洁员",
    "public_posts": "公益岗位 公益性岗位 护路员",
    "model_township": "示范乡镇 示范镇 示范乡",
    "model_village": "精品示范村 示范村",
    "beautiful_village": "美丽村庄 美丽乡村",
    "cold_storage": "冷链物流 冷链 冷库 冷藏库 冷冻库 冷藏 冷冻仓库 冷冻 保鲜库 气调库 保鲜 仓储",
    "tourism_goods": "旅游商品 旅游产品",
    "scenic_facilities": "景区设施 游客服务中心 游客中心 旅游设施",
    "red_tourism": "红色旅游 红色文化旅游 红色文化 爱国主义教育",
    "folk_tourism": "民俗文化旅游 民俗旅游 民俗文化 风情园 特色文化 精品文化",
    "wellness_tourism": "生态康养 康养 温泉 湿地公园 地质公园 生态旅游",
    "homestay": "民宿 露营 客栈",
    "leisure_tourism": "休闲度假 休闲旅游 度假 休闲 庄园 采摘 农家乐 乐园 垂钓",
    "rural_tourism": "乡村旅游",
    "tourism": "旅游 景区 观光 故居 研学 花海",
    "aquaculture": "水产养殖 水产 鱼塘 渔业 养鱼 泥鳅 小龙虾 牛蛙 螃蟹 网箱",
    "cattle": "牛养殖 养牛 肉牛 黄牛 奶牛 牛场",
    "sheep": "羊养殖 养羊 黑山羊 山羊 肉羊 绵羊 羊场",
    "pigs": "生猪养殖 生猪 养猪 仔猪 能繁母猪 猪养殖 猪厂 猪场",
    "poultry": "养禽 养鸡 养鸭 养鹅 土鸡 蛋鸡 肉鸡 家禽 禽类 鸡场",
    "other_livestock": "养殖业 养殖场 养殖小区 养殖 养蜂 养兔 畜禽 圈舍 屠宰",
    "farmland": "高标准农田 农田水利 高效节水 育苗 苗圃 农田",
    "fruit_forest": "经济果林 经济林果 经济林 果林 果园 桃园 梨园 水果 林果 柑橘",
    "cash_crops": "经济作物",
    "vegetables": "蔬菜 大棚",
    "herbs": "中药材 中草药 药材 苦参 重楼 黄精 砂仁 藏红花 三七",
    "planting": (
        "种植业 种植 茶园 茶叶 油茶 核桃 花椒 辣椒 玫瑰 烤烟 马铃薯 甘蔗 石榴 苹果 李子 樱桃 "
        "枇杷 猕猴桃 板栗 蓝莓 食用菌 花卉 油菜 水稻 玉米 红薯 山药 生姜 八角 香椿"
    ),
    "processing": "加工厂 加工点 加工业 加工",
    "industrial_park": "产业园区 工业园区 产业园 工业园 园区",
    "market": "交易市场 批发市场 农贸市场 市场 商贸 电商 超市 集市",
    "water": (
        "饮水安全 饮水工程 饮水 供水工程 供水 水利设施 水利 水库 灌溉 节水 河道治理 河道 水窖 堤防 "
        "管网 除险加固 抗旱 防汛 泵站 治理"
    ),
    "road": "道路硬化 公路 道路 机耕路 产业路 村道 桥梁 路面",
    "housing": "住房安全 住房 危房改造 危房",
    "environment": (
        "人居环境 污水处理厂 污水处理 污水管网 污水 垃圾中转站 垃圾 厕所 公厕 绿化 亮化 美化 清运"
    ),
    "ecology": "退耕还林 还草 造林 石漠化 公益林 水土保持 生态修复",
    "education": "教育 幼儿园 学校 雨露计划",
    "health": "卫生室 卫生院 医疗 医院",
    "culture": "文化广场 传承馆 文化馆 文化活动 文化中心 综合文化 综合活动中心 文化 民歌",
    "finance": "信贷 贷款 贴息 金融",
    "communication": "5G 基站 通信 网络",
}
# What a project ends in: a list whose members end so is a list of projects.
_THINGS = (
    "项目 工程 基地 建设 市场 中心 广场 合作社 养殖 种植 旅游 改扩建 扩建 改造提升 提升改造 "
    "开发 公园 乐园 庄园 园 厂 场 馆 水库 露营 民宿 小镇 街 站 池 冷库 仓库 治理 故居 体验 "
    "度假区 养殖场 文化"
)
# General nouns and qualifiers that are no names.
_NOUNS = (
    "流转 土地 人畜 补助 "
    "项目 工程 基地 产业 设施 配套 相关 附属 设备 基础设施 建设 资源 特色 生态 农业 农村 "
    "乡村 村庄 村内 村级 村民 村集体 村寨 进村 所有 每个 各个 自然村 村组 各村 全村 行政村 "
    "贫困村 乡镇 集镇 集镇区 全县 县域 全乡 全镇 企业 合作社 专业 农产品 农特产品 产品 物流 "
    "大型 小型 镇级 县级 综合 标准化 规模化 规模 现代 高原 红色 民俗 文化 民族 壮族 苗族 "
    "彝族 瑶族 傣族 回族 汉族 哈尼族 布依族 白族 侗族 土家族 精品 林果 林下 山地 登山 徒步 "
    "露天 户外 体育 健身 病死 无害化 处理 池 养殖场 合作 帮扶 定点 对口 集团 公司 有限 责任 "
    "东西部 数量 资金 人数 受益 补贴 标准 岗位 工资 人员 群众 农户 脱贫户 搬迁户 安置 后续 "
    "扶持 收益 管护 维护 巩固 示范 重点 新型 传统 包装 培训 技能 技术 方向 广场 凉亭 路灯 "
    "道路 围栏 栏杆 护栏 大门 停车场 游客 服务 中心 体验 一批 若干 部分 其他 各类 多种 容积 "
    "库容 容量 面积 占地 长度 水生 兔子 蜂 牛 羊 猪 鸡 鸭 鹅 鱼 农旅 文旅 防控 功能 地形 "
    "拓展 优势 牲畜 大牲畜 砖混 钢架 混凝土 管道 人行道 盖板"
)
# What is done: at the head of a phrase it is no part of a name.
VERBS = (
    "加快推进 同步推进 积极推进 大力推进 扎实推进 加快建设 同步建设 规划建设 加快开发 "
    "继续推进 稳步推进 有序推进 加快 同步 积极 大力 扎实 继续 稳步 有序 推进 推动 建设 新建 "
    "改建 扩建 改扩建 打造 完成 建成 创建 开展 实施 发展 提升 改造 开发 配套 支持 鼓励 设置 "
    "设立 安装 支付 绘制 实现 投入 投资 养殖 种植 培育 引进 壮大 做强 计划 预计 力争 拟 "
    "用于 建立 修建 购置 解决 帮助 完善 优化 加强 涉及 覆盖 规范 升级 新增 安排 深挖 挖掘 "
    "自养 出栏 存栏 主要 进一步 深入 全力 努力 着力 切实 建 各 依托 围绕 按照 包括"
)
_FUNCTION = (
    "在 位于 至 从 向 为 的 等 等地 等村 等乡镇 等乡（镇） 其中 即 以 以及 及 和 与 并 分别 "
    "均 暨 用于 每年 每月 全年 每羽 每头 每只 每户 每人 每亩 每个 每座 每处 每村 每镇 "
    "总投资 总共 共计 "
    "同时"
)
AND = frozenset({"以及", "及", "和", "与"})
PLACE_PREPOSITIONS = frozenset({"在", "位于"})
LAUNCH = frozenset({"建设", "新建", "规划建设", "修建", "加快建设", "同步建设"})
SUPPORT = re.compile(
    r"(?:同步|积极|要|并)?(?:依托|围绕|按照|充分发挥|利用|结合|以[^，。；]*?(?:为|作为)|聚焦|针对)"
)
LINKS = re.compile(r"(?:涉及|覆盖|包括|分布在|分布于|主要在)")


def _words(text: str) -> list[str]:
    return text.split()


@cache
def kind_words() -> dict[str, str]:
    """Kinds by word.

    Returns
    -------
    dict
        Every word of `KINDS` and its kind.
    """
    return {word: kind for kind, words in KINDS.items() for word in _words(words)}


@cache
def verbs() -> frozenset[str]:
    """Words of doing."""
    return frozenset(_words(VERBS))


@cache
def function_words() -> frozenset[str]:
    """Prepositions and the like."""
    return frozenset(_words(_FUNCTION))


@cache
def word_pattern() -> re.Pattern[str]:
    """Build the pattern of known words, the longest first.

    Returns
    -------
    re.Pattern
        Of words of two characters and more, and the few of one.
    """
    words = {*kind_words(), *verbs(), *_words(_NOUNS), *_words(_THINGS)}
    words = {word for word in words if len(word) > 1} | {"各"} | function_words()
    known = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.compile(
        rf"“[^”]{{1,20}}”|{known}|建(?=养|成|设|[\d一二两三])|(?<=养猪)厂|(?<=养[鸡鸭鹅])场"
    )


_THING = re.compile("(?:" + "|".join(sorted(_words(_THINGS), key=len, reverse=True)) + ")等?$")
# What can stand as a project without a place: 民俗文化建设 cannot, 温泉水源地项目开发 can.
_STANDS = re.compile(
    r"(?:项目|工程|厂|中心|市场|园|站|馆|基地|水库)(?:建设|开发|改造|配套|提升|升级)*等?$"
)
_GENERIC = frozenset(
    {"other_livestock", "planting", "tourism", "processing", "culture", "public_posts"}
)
_DOMINANT = ("relocation", "cold_storage")


def stands_alone(text: str) -> bool:
    """Tell whether a phrase without a place names a project.

    Parameters
    ----------
    text
        Without figures.

    Returns
    -------
    bool
        True where it ends in 项目, 工程, 市场 … and not in a general word of doing.
    """
    return _STANDS.search(text) is not None


def is_thing(text: str) -> bool:
    """Tell whether a phrase names something to be built or run.

    Parameters
    ----------
    text
        Without figures.

    Returns
    -------
    bool
        True where it ends in a word such as 项目, 基地 or 市场.
    """
    return _THING.search(text) is not None


def kind_of(*texts: str) -> str:
    """Tell the kind of a project.

    Parameters
    ----------
    *texts
        Its own words, then those of the item, then those of the column: the first with a kind
        counts.

    Returns
    -------
    str
        Empty where no word tells.
    """
    pattern = _kind_pattern()
    for text in texts:
        found = [kind_words()[match[0]] for match in pattern.finditer(text)]
        # The last word tells what it is (中药材市场), unless a more exact one stands before it.
        exact = [kind for kind in found if kind not in _GENERIC]
        dominant = [kind for kind in _DOMINANT if kind in found]
        if found:
            return (dominant or exact or found)[-1]
    return ""


@cache
def _kind_pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(kind_words(), key=len, reverse=True)))


# Kinds that the title of an item settles for all that stands under it.
SETTLED_BY_TITLE = frozenset(
    {"cold_storage", "relocation", "forest_ranger", "river_keeper", "cleaner", "public_posts"}
)
