"""rules of matching

Revision ID: match_rules
Revises: gathered_news
"""

import sqlalchemy as sa
from alembic import op


revision = 'match_rules'
down_revision = 'gathered_news'
branch_labels = None
depends_on = None

TEXTS = [('volunteer', 'languages'), ('series_need', 'gender'), ('series_need', 'language'), ('need', 'gender'), ('need', 'language')]


def upgrade() -> None:
    # Plain columns: copying a table that others point to would break their foreign keys on SQLite.
    for table, column in TEXTS:
        op.add_column(table, sa.Column(column, sa.String(), nullable=False, server_default=''))
    for table in ('series', 'activity'):
        op.add_column(table, sa.Column('members_only', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        'person_attribute',
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('value', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_attribute_person_id')),
        sa.PrimaryKeyConstraint('person_id', 'name', 'value', name=op.f('pk_person_attribute')),
    )
    op.create_table(
        'match_rule',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('code', sa.String(), nullable=False),
        sa.Column('name_zh', sa.String(), nullable=False),
        sa.Column('name_en', sa.String(), nullable=False),
        sa.Column('who', sa.String(), nullable=False),
        sa.Column('place', sa.String(), nullable=False),
        sa.Column('points', sa.Integer(), nullable=False),
        sa.Column('valid_from', sa.Date(), nullable=True),
        sa.Column('valid_until', sa.Date(), nullable=True),
        sa.CheckConstraint('valid_from <= valid_until', name=op.f('ck_match_rule_order')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_match_rule')),
        sa.UniqueConstraint('code', name=op.f('uq_match_rule_code')),
    )


def downgrade() -> None:
    op.drop_table('match_rule')
    op.drop_table('person_attribute')
    for table in ('series', 'activity'):
        op.drop_column(table, 'members_only')
    for table, column in TEXTS:
        op.drop_column(table, column)
